#include "check/ask_nodes.hpp"

#include <poll.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <chrono>
#include <deque>
#include <filesystem>

#include "check/command_line.hpp"
#include "inspect/command.hpp"
#include "podman/render.hpp"
#include "sys/process.hpp"

namespace mpi_podman {
namespace {

using Clock = std::chrono::steady_clock;
using namespace std::chrono_literals;

constexpr auto silent_at_most = 30s;
constexpr const char* connect_within = "ConnectTimeout=10";
/// sshd lets few connect at a time (MaxStartups), and this node has its limits too.
constexpr std::size_t most_at_once = 64;
constexpr int status_of_ssh = 255;

bool is_this_node(const std::string& name, const std::string& hostname) {
    const auto host = name.substr(name.find('@') + 1);
    return host == "localhost" || host == hostname || host == hostname.substr(0, hostname.find('.'));
}

/// A node that has been asked and may still answer.
class Asked {
public:
    static Result<Asked> ask(const std::string& name, const std::vector<std::string>& command) {
        auto out = make_pipe();
        auto err = out ? make_pipe() : failure(out.error());
        if (!err) {
            return failure(err.error());
        }
        return spawn({command, -1, out->write_end.get(), err->write_end.get(), {}, false})
            .map([&](Child child) {
                return Asked(name, std::move(child), std::move(out->read_end), std::move(err->read_end));
            });
    }

    [[nodiscard]] const std::string& name() const { return name_; }
    [[nodiscard]] std::array<int, 2> fds() const { return {out_.get(), err_.get()}; }
    [[nodiscard]] Clock::time_point until() const { return until_; }

    /// Takes what is there. True at the end of both.
    bool read() {
        for (const auto& [fd, text] : {std::pair{&out_, &said_}, {&err_, &complained_}}) {
            std::array<char, 65536> bytes;  // NOLINT(cppcoreguidelines-pro-type-member-init)
            pollfd ready{fd->get(), POLLIN, 0};
            if (*fd && ::poll(&ready, 1, 0) == 1) {
                const auto got = ::read(fd->get(), bytes.data(), bytes.size());
                if (got > 0 && text->size() < most_bytes) {
                    text->append(bytes.data(), static_cast<std::size_t>(got));
                } else if (got <= 0) {
                    fd->reset();
                }
            }
        }
        return !out_ && !err_;
    }

    NodeFacts answer() {
        const auto ending = child_.wait();
        return facts_by_answer(name_, ending.signal != 0 ? 128 + ending.signal : ending.status, said_,
                               complained_);
    }

private:
    static constexpr std::size_t most_bytes = std::size_t{1} << 20U;
    Asked(std::string name, Child child, Fd out, Fd err)
        : name_(std::move(name)), child_(std::move(child)), out_(std::move(out)), err_(std::move(err)) {}
    std::string name_;
    Child child_;
    Fd out_, err_;
    std::string said_, complained_;
    Clock::time_point until_ = Clock::now() + silent_at_most;
};

NodeFacts problem(const std::string& name, std::string what) {
    NodeFacts facts;
    facts.node = name;
    facts.problems.push_back(std::move(what));
    return facts;
}

/// "asking 8 nodes: 3 have answered", on one line that is gone in the end.
class Progress {
public:
    explicit Progress(std::size_t all) : all_(all), shown_(::isatty(STDERR_FILENO) == 1) {}
    void say(std::size_t answered) const {
        write("\rasking " + std::to_string(all_) + " nodes: " + std::to_string(answered) + " have answered");
    }
    void end() const { write("\r\x1b[K"); }

private:
    void write(const std::string& text) const {
        if (shown_) {
            write_all(STDERR_FILENO, text);
        }
    }
    std::size_t all_;
    bool shown_;
};

/// Waits until one of them says something, or has been silent for too long.
void await(const std::deque<Asked>& asked) {
    std::vector<pollfd> events;
    auto until = asked.front().until();
    for (const auto& node : asked) {
        for (const int fd : node.fds()) {
            events.push_back({fd, POLLIN, 0});
        }
        until = std::min(until, node.until());
    }
    const auto left = std::chrono::ceil<std::chrono::milliseconds>(until - Clock::now());
    ::poll(events.data(), events.size(), static_cast<int>(std::max(left, 0ms).count()));
}

class Survey {
public:
    Survey(const std::vector<std::string>& names, const CheckQuestion& question)
        : names_(names), question_(question), facts_(names.size()), progress_(names.size()) {}

    std::vector<NodeFacts> all() {
        while (begin_some() || !asked_.empty()) {
            progress_.say(answered_);
            if (!asked_.empty()) {
                await(asked_);
                take_answers();
            }
        }
        progress_.end();
        return std::move(facts_);
    }

private:
    /// True where there is one still to be asked.
    bool begin_some() {
        while (next_ < names_.size() && asked_.size() < most_at_once) {
            const auto& name = names_[next_++];
            std::error_code ignored;
            const auto program = std::filesystem::read_symlink("/proc/self/exe", ignored).string();
            auto asked = Asked::ask(name, command_for(name, question_, program));
            if (asked) {
                asked_.push_back(std::move(*asked));
            } else {
                keep(problem(name, "it could not be asked: " + asked.error().message));
            }
        }
        return next_ < names_.size();
    }

    void take_answers() {
        std::deque<Asked> waiting;
        for (auto& node : asked_) {
            if (node.read()) {
                keep(node.answer());
            } else if (Clock::now() >= node.until()) {
                keep(problem(node.name(), "no answer within 30 s: is its file system, or podman, hanging?"));
            } else {
                waiting.push_back(std::move(node));
            }
        }
        asked_ = std::move(waiting);
    }

    void keep(NodeFacts facts) {
        const auto at = std::ranges::find(names_, facts.node);
        facts_[static_cast<std::size_t>(at - names_.begin())] = std::move(facts);
        ++answered_;
    }

    const std::vector<std::string>& names_;
    const CheckQuestion& question_;
    std::vector<NodeFacts> facts_;
    Progress progress_;
    std::deque<Asked> asked_;
    std::size_t next_ = 0, answered_ = 0;
};

}  // namespace

std::vector<NodeFacts> ask_nodes(const std::vector<std::string>& names, const CheckQuestion& question) {
    return Survey(names, question).all();
}

std::vector<std::string> command_for(const std::string& name, const CheckQuestion& question,
                                     const std::string& program) {
    std::vector<std::string> words{"--check=node"};
    for (const auto& option : question.typed) {
        if (option.name != "check" && option.name != "hostfile") {
            words.push_back(word_of(option));
        }
    }
    words.insert(words.end(), {"--", question.options.image});
    words.insert(words.end(), question.options.command.begin(), question.options.command.end());
    if (is_this_node(name, question.host.hostname)) {
        words.insert(words.begin(), program);
        return words;
    }
    std::string rest;
    for (const auto& word : words) {
        rest += " " + shell_quote(word);
    }
    const auto own = shell_quote(program);
    // Where it is here, else where PATH has it. Through sh, whatever the user's shell is.
    const auto script = "cd " + shell_quote(question.host.cwd) + " && { test -x " + own + " && exec " + own +
                        rest + "; exec mpi-podman" + rest + "; }";
    return {"ssh", "-o",           "BatchMode=yes",
            "-o",  connect_within, "-T",
            "--",  name,           "exec sh -c " + shell_quote(script)};
}

NodeFacts facts_by_answer(const std::string& name, int status, const std::string& out,
                          const std::string& err) {
    if (auto facts = node_facts_from(last_line(out))) {
        facts->node = name;
        return std::move(*facts);
    }
    const auto said = last_line(err);
    constexpr int not_found = 127;
    if (status == not_found) {
        return problem(name, "mpi-podman is not installed there, or not in the PATH of ssh");
    }
    if (status == status_of_ssh) {
        return problem(name, "ssh does not reach it: " + said);
    }
    return problem(name, said.empty() ? "it said nothing and ended with status " + std::to_string(status)
                                      : "it said: " + said);
}

}  // namespace mpi_podman
