#include "nodes/ask_each.hpp"

#include <poll.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <chrono>
#include <deque>

#include "inspect/command.hpp"
#include "nodes/mortal.hpp"

namespace mpi_podman {
namespace {

using Clock = std::chrono::steady_clock;
using namespace std::chrono_literals;

constexpr auto silent_at_most = 30s;
/// sshd lets few connect at a time (MaxStartups), and this node has its limits too.
constexpr std::size_t most_at_once = 64;
constexpr int status_of_ssh = 255;

/// A node that has been asked and may still answer.
class Asked {
public:
    static Result<Asked> ask(std::size_t index, const std::vector<std::string>& command) {
        return spawn_heard(command, Stdin::ours).map([&](Heard heard) {
            return Asked(index, std::move(heard));
        });
    }

    /// Which of the names it is.
    [[nodiscard]] std::size_t index() const { return index_; }
    [[nodiscard]] std::array<int, 2> fds() const { return {out_.get(), err_.get()}; }
    [[nodiscard]] Clock::time_point until() const { return until_; }

    /// Takes what is there. True at the end of both.
    bool read() {
        for (const auto& [fd, text] : {std::pair{&out_, &reply_.out}, {&err_, &reply_.err}}) {
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

    Reply reply() {
        const auto ending = child_.wait();
        reply_.status = ending.signal != 0 ? 128 + ending.signal : ending.status;
        return std::move(reply_);
    }

private:
    static constexpr std::size_t most_bytes = std::size_t{1} << 20U;
    Asked(std::size_t index, Heard heard)
        : index_(index),
          child_(std::move(heard.child)),
          out_(std::move(heard.out)),
          err_(std::move(heard.err)) {}
    std::size_t index_;
    Child child_;
    Fd out_, err_;
    Reply reply_;
    Clock::time_point until_ = Clock::now() + silent_at_most;
};

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

Reply no_reply(std::string why) { return {0, {}, {}, std::move(why)}; }

class Survey {
public:
    using Command = std::function<std::vector<std::string>(const std::string&)>;
    Survey(const std::vector<std::string>& names, const Command& command)
        : names_(names), command_(command), replies_(names.size()), progress_(names.size()) {}

    std::vector<Reply> all() {
        while (begin_some() || !asked_.empty()) {
            progress_.say(answered_);
            if (!asked_.empty()) {
                await(asked_);
                take_answers();
            }
        }
        progress_.end();
        return std::move(replies_);
    }

private:
    /// True where there is one still to be asked.
    bool begin_some() {
        while (next_ < names_.size() && asked_.size() < most_at_once) {
            const auto index = next_++;
            auto asked = Asked::ask(index, command_(names_[index]));
            if (asked) {
                asked_.push_back(std::move(*asked));
            } else {
                keep(index, no_reply("it could not be asked: " + asked.error().message));
            }
        }
        return next_ < names_.size();
    }

    void take_answers() {
        std::deque<Asked> waiting;
        for (auto& node : asked_) {
            if (node.read()) {
                keep(node.index(), node.reply());
            } else if (Clock::now() >= node.until()) {
                keep(node.index(),
                     no_reply("no answer within 30 s: is its file system, or podman, hanging?"));
            } else {
                waiting.push_back(std::move(node));
            }
        }
        asked_ = std::move(waiting);
    }

    void keep(std::size_t index, Reply reply) {
        replies_[index] = std::move(reply);
        ++answered_;
    }

    const std::vector<std::string>& names_;
    const Command& command_;
    std::vector<Reply> replies_;
    Progress progress_;
    std::deque<Asked> asked_;
    std::size_t next_ = 0, answered_ = 0;
};

}  // namespace

std::vector<Reply> ask_each(const std::vector<std::string>& names,
                            const std::function<std::vector<std::string>(const std::string&)>& command) {
    return Survey(names, command).all();
}

std::string problem_of(const Reply& reply) {
    constexpr int not_found = 127;
    const auto said = last_line(reply.err);
    if (!reply.none.empty()) {
        return reply.none;
    }
    if (reply.status == not_found) {
        return "mpi-podman is not installed there, or not in the PATH of ssh";
    }
    if (reply.status == status_of_ssh) {
        return "ssh does not reach it: " + said;
    }
    return said.empty() ? "it said nothing and ended with status " + std::to_string(reply.status)
                        : "it said: " + said;
}

}  // namespace mpi_podman
