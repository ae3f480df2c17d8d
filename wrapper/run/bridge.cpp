#include "run/bridge.hpp"

#include <fcntl.h>
#include <poll.h>
#include <spdlog/spdlog.h>
#include <sys/file.h>
#include <sys/socket.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <csignal>
#include <cstring>
#include <vector>

#include "pmi/values.hpp"
#include "run/installed.hpp"
#include "wire/local_socket.hpp"
#include "wire/packet.hpp"

namespace mpi_podman {
namespace {

using namespace std::chrono_literals;

constexpr const char* pmix_socket = "pmix-server.socket";
constexpr const char* pmix_lock = "pmix-server.lock";
constexpr const char* pmix_words = "pmix-server.words";  // its stderr
constexpr int patience = 120'000;  // milliseconds for pmix-server's answer, which asks the launcher first

std::string last_line(const std::string& words) {
    const auto end = words.find_last_not_of('\n') + 1;
    const auto begin = words.find_last_of('\n', end == 0 ? 0 : end - 1) + 1;
    return end == 0 ? std::string() : words.substr(std::min(begin, end), end - std::min(begin, end));
}

/// Not the launcher's own variables: this process speaks PMI to it, and is a server of its own.
std::vector<std::string> environment_of_pmix_server() {
    constexpr std::array<std::string_view, 5> foreign{"PMIX_", "OMPI_", "PMI_", "PRTE_", "HYDI_"};
    std::vector<std::string> kept;
    for (char** each = environ; *each != nullptr; ++each) {
        const std::string_view entry = *each;
        if (std::none_of(foreign.begin(), foreign.end(),
                         [&](std::string_view beginning) { return entry.starts_with(beginning); })) {
            kept.emplace_back(entry);
        }
    }
    return kept;
}

std::vector<char*> pointers_to(std::vector<std::string>& texts) {
    std::vector<char*> pointers;
    std::transform(texts.begin(), texts.end(), std::back_inserter(pointers),
                   [](std::string& text) { return text.data(); });
    pointers.push_back(nullptr);
    return pointers;
}

[[noreturn]] void become_pmix_server(const std::string& program, const std::string& directory,
                                     int listening) {
    const auto words_path = directory + "/" + pmix_words;
    const Fd words(::open(words_path.c_str(), O_WRONLY | O_CREAT | O_TRUNC | O_NOFOLLOW | O_CLOEXEC, 0600));
    constexpr int expected = 3;
    if (words) {
        ::dup2(words.get(), STDERR_FILENO);
    }
    // As dup2(2) of an fd to itself would leave it close-on-exec.
    const int moved = ::fcntl(listening, F_DUPFD_CLOEXEC, expected + 1);
    ::dup2(moved, expected);
    std::vector<std::string> argv{program, directory};
    auto environment = environment_of_pmix_server();
    ::execve(program.c_str(), pointers_to(argv).data(), pointers_to(environment).data());
    ::_exit(static_cast<int>(Status::not_runnable));
}

/// Empty where it was started, else why not.
std::string start_pmix_server(const std::string& program, const std::string& directory) {
    const Fd socket = listen_in(directory, pmix_socket);
    if (!socket) {
        return "cannot make a socket in " + directory + ": " + errno_text();
    }
    const auto started = fork_apart(
        "pmix-server", [&] { become_pmix_server(program, directory, socket.get()); }, {socket.get()});
    return started ? std::string() : started.error().message;
}

pmi::KeyValues request_of(const Plan& plan) {
    pmi::KeyValues request;
    const auto& port = plan.launcher_pmi.port;
    if (plan.rank) {
        request["rank"] = std::to_string(*plan.rank);
    }
    if (plan.size) {
        request["size"] = std::to_string(*plan.size);
    }
    if (!port.empty()) {
        request["PMI_PORT"] = port;
        request["PMI_ID"] = std::to_string(plan.rank.value_or(0));
    }
    return request;
}

}  // namespace

Result<RankBridge> RankBridge::open(const Plan& plan, const JobDirectory& directory) {
    RankBridge bridge;
    spdlog::info("PMI: {}", plan.pmi.reason);
    if (plan.pmi.bridge == Bridge::none) {
        return bridge;
    }
    bridge.is_pmix_ = plan.pmi.bridge == Bridge::pmix_server;
    bridge.directory_ = directory.path();
    auto program = installed(bridge.is_pmix_ ? "pmix-server" : "pmi-server");
    if (!program) {
        return failure(program.error());
    }
    bridge.program_ = std::move(*program);
    if (!bridge.is_pmix_) {
        return bridge.open_pmi(plan).map([&] { return std::move(bridge); });
    }
    auto opened = bridge.open_pmix(plan);
    if (!opened && !bridge.own_end_) {
        opened = bridge.open_pmix(plan);  // it was about to end with the ranks before us
    }
    return opened.map([&] { return std::move(bridge); });
}

Result<void> RankBridge::open_pmi(const Plan& plan) {
    std::array<int, 2> ends{-1, -1};
    if (!plan.rank || !plan.size) {
        return failure(Status::ours, "the launcher does not say how many ranks there are",
                       "use an image whose MPI speaks PMIx");
    }
    if (::socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, ends.data()) != 0) {
        return failure(Status::ours, "cannot make a socket for the rank: " + errno_text(),
                       "is the limit of open files low (ulimit -n)?");
    }
    own_end_ = Fd(ends[0]);
    rank_end_ = Fd(ends[1]);
    ::fcntl(rank_end_.get(), F_SETFD, 0);
    constexpr int as_podman_passes_it = 3;
    variables_["PMI_FD"] = std::to_string(plan.per_rank ? as_podman_passes_it : rank_end_.get());
    variables_["PMI_RANK"] = std::to_string(*plan.rank);
    variables_["PMI_SIZE"] = std::to_string(*plan.size);
    return {};
}

/// To the one that listens; where there is none, starts it: one rank at a time looks.
Result<void> RankBridge::connect_to_pmix_server() {
    const auto path = directory_ + "/" + pmix_lock;
    const Fd lock(::open(path.c_str(), O_RDWR | O_CREAT | O_NOFOLLOW | O_CLOEXEC, 0600));
    if (!lock || ::flock(lock.get(), LOCK_EX) != 0) {
        return failure(Status::ours, "cannot lock " + path + ": " + errno_text(), "is the directory full?");
    }
    own_end_ = connect_in(directory_, pmix_socket);
    if (!own_end_) {
        if (const auto trouble = start_pmix_server(program_, directory_); !trouble.empty()) {
            return failure(Status::ours, trouble, "is the directory full?");
        }
        own_end_ = connect_in(directory_, pmix_socket);
    }
    return own_end_ ? Result<void>() : failure(pmix_server_is_gone());
}

Result<void> RankBridge::open_pmix(const Plan& plan) {
    if (auto connected = connect_to_pmix_server(); !connected) {
        return connected;
    }
    const auto request = pmi::encode_values(request_of(plan));
    const int pmi_fd = plan.launcher_pmi.fd.value_or(-1);
    const bool sent = send_packet(own_end_.get(), std::as_bytes(std::span(request)), pmi_fd);
    pollfd readable{own_end_.get(), POLLIN, 0};
    std::string room(64UL * 1024, '\0');
    const auto packet = sent && ::poll(&readable, 1, patience) == 1
                            ? receive_packet(own_end_.get(), std::as_writable_bytes(std::span(room)))
                            : Packet{};
    const auto answer = pmi::decode_values(std::string_view(room).substr(0, packet.size));
    if (packet.size == 0 || !packet.whole || !answer) {
        own_end_.reset();
        return failure(pmix_server_is_gone());
    }
    if (const auto error = answer->find("error"); error != answer->end()) {
        return failure(Status::ours, error->second, "does the launcher still run?");
    }
    if (pmi_fd >= 0) {
        // Not the rank's, but held here to the end: Hydra kills whose connection it sees close, and takes
        // that for how the rank ended.
        ::fcntl(pmi_fd, F_SETFD, FD_CLOEXEC);
        launcher_fd_ = pmi_fd;
    }
    variables_.insert(answer->begin(), answer->end());
    return {};
}

std::vector<int> RankBridge::fds() const {
    std::vector<int> held;
    for (const auto* each : {&rank_end_, &own_end_}) {
        if (*each) {
            held.push_back(each->get());
        }
    }
    if (launcher_fd_ >= 0) {
        held.push_back(launcher_fd_);
    }
    return held;
}

int RankBridge::fd() const { return server_ ? server_->pidfd() : own_end_.get(); }

bool RankBridge::serve() {
    if (is_pmix_) {
        trouble_ = last_word_of_pmix_server();
        own_end_.reset();
        return false;
    }
    return server_ ? pmi_server_ended() : start_pmi_server();
}

/// The rank's first word is here, or it has closed its end.
bool RankBridge::start_pmi_server() {
    char byte = 0;
    if (::recv(own_end_.get(), &byte, 1, MSG_PEEK | MSG_DONTWAIT) <= 0) {
        own_end_.reset();
        return true;
    }
    auto words = make_pipe();
    // A signal to the launcher's slot is for the rank.
    const bool own_group = true;
    auto server =
        words ? spawn({{program_, directory_}, -1, -1, words->write_end.get(), {own_end_.get()}, own_group})
              : failure(words.error());
    own_end_.reset();
    if (!server) {
        trouble_ = server.error();
        return false;
    }
    server_.emplace(std::move(*server));
    words_ = std::move(words->read_end);
    return true;
}

bool RankBridge::pmi_server_ended() {
    const auto ending = server_->wait();
    server_.reset();
    if (ending == Ending{}) {
        return true;
    }
    ::fcntl(words_.get(), F_SETFL, O_NONBLOCK);
    std::string words(4096, '\0');
    const auto count = ::read(words_.get(), words.data(), words.size());
    words.resize(static_cast<std::size_t>(std::max<ssize_t>(count, 0)));
    const auto why = ending.signal == SIGALRM ? "the launcher's PMIx server does not answer"
                     : ending.signal != 0
                         ? "pmi-server was ended by " + std::string(::strsignal(ending.signal))
                         : last_line(words);
    trouble_ = Error{Status::ours, "the rank lost its launcher: " + why, "is the job still running?"};
    return false;
}

/// It speaks to a rank that is in only to say why it ends.
Error RankBridge::last_word_of_pmix_server() const {
    std::string room(4096, '\0');
    const auto packet = receive_packet(own_end_.get(), std::as_writable_bytes(std::span(room)));
    const auto said = pmi::decode_values(std::string_view(room).substr(0, packet.size));
    const auto error = said ? said->find("error") : pmi::KeyValues::const_iterator();
    return said && error != said->end() ? Error{Status::ours, error->second, "has the launcher ended?"}
                                        : pmix_server_is_gone();
}

Error RankBridge::pmix_server_is_gone() const {
    const auto words = last_line(read_file(directory_ + "/" + pmix_words).value_or(""));
    return {Status::ours, "the PMIx server of this node is gone" + (words.empty() ? "" : ": " + words),
            "was it killed, or has the launcher ended?"};
}

Result<void> RankBridge::end() {
    // With the rank's end closed it ends by itself, unless it waits for other ranks in the dead one's name.
    if (server_ && ended_within(pidfd_of(server_->pid()), 500ms)) {
        pmi_server_ended();
    }
    server_.reset();
    own_end_.reset();
    return trouble_ ? failure(*trouble_) : Result<void>();
}

}  // namespace mpi_podman
