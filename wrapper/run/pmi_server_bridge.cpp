#include "run/pmi_server_bridge.hpp"

#include <fcntl.h>
#include <sys/mman.h>
#include <sys/socket.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <charconv>
#include <csignal>
#include <cstring>

#include "inspect/command.hpp"
#include "pmi/family.hpp"
#include "run/installed.hpp"

namespace mpi_podman {

using namespace std::chrono_literals;

namespace {

/// The last words of a file.
std::string end_of(const Fd& file) {
    std::string words(4096, '\0');
    const auto size = ::lseek(file.get(), 0, SEEK_END);
    const auto from = std::max<off_t>(0, size - static_cast<off_t>(words.size()));
    const auto got = ::pread(file.get(), words.data(), words.size(), from);
    words.resize(static_cast<std::size_t>(std::max<ssize_t>(0, got)));
    return words;
}

}  // namespace

Result<std::unique_ptr<RankBridge>> PmiServerBridge::open(const Plan& plan, const JobDirectory& directory) {
    auto program = installed("pmi-server");
    if (!program) {
        return failure(program.error());
    }
    if (!plan.rank) {
        return failure(Status::ours, "the launcher does not say which rank this is",
                       "use an image whose MPI speaks PMIx");
    }
    std::array<int, 2> ends{-1, -1};
    if (::socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, ends.data()) != 0) {
        return failure(Status::ours, "cannot make a socket for the rank: " + errno_text(),
                       "is the limit of open files low (ulimit -n)?");
    }
    Fd server_end(ends[0]);
    Fd rank_end(ends[1]);
    ::fcntl(rank_end.get(), F_SETFD, 0);
    constexpr int as_podman_passes_it = 3;
    Variables variables{{"PMI_FD", std::to_string(plan.per_rank ? as_podman_passes_it : rank_end.get())},
                        {"PMI_RANK", std::to_string(*plan.rank)}};
    auto bridge = std::unique_ptr<PmiServerBridge>(
        new PmiServerBridge(std::move(variables), std::move(*program), directory.path(), std::move(rank_end),
                            std::move(server_end)));
    const auto size = plan.size ? Result<std::uint32_t>(*plan.size) : bridge->size_as_the_launcher_tells();
    if (!size) {
        return failure(size.error());
    }
    bridge->set("PMI_SIZE", std::to_string(*size));
    return bridge;
}

PmiServerBridge::PmiServerBridge(Variables variables, std::string program, std::string directory, Fd rank_end,
                                 Fd server_end)
    : RankBridge(std::move(variables)),
      program_(std::move(program)),
      directory_(std::move(directory)),
      rank_end_(std::move(rank_end)),
      server_end_(std::move(server_end)) {}

std::vector<int> PmiServerBridge::fds() const {
    std::vector<int> held;
    for (const auto* each : {&rank_end_, &server_end_}) {
        if (*each) {
            held.push_back(each->get());
        }
    }
    return held;
}

int PmiServerBridge::fd() const { return trouble_ ? -1 : server_ ? server_->pidfd() : server_end_.get(); }

bool PmiServerBridge::serve() { return server_ ? server_ended() : start_server(); }

/// The rank's first word is here, or it has closed its end.
bool PmiServerBridge::start_server() {
    char byte = 0;
    if (::recv(server_end_.get(), &byte, 1, MSG_PEEK | MSG_DONTWAIT) <= 0) {
        server_end_.reset();
        return true;
    }
    if (const auto one = pmi::Families(directory_).speak(pmi::Family::pmi); !one) {
        trouble_ = one.error();  // the rank's end stays open: it shall not complain before it is ended
        return false;
    }
    return run_server({program_, directory_}, Fd{});
}

/// Its stdout is `out`. False, with the trouble, where it cannot be started.
bool PmiServerBridge::run_server(std::vector<std::string> command, const Fd& out) {
    // No pipe, which nobody empties: libpmix says much where it is asked to (PMIX_MCA_*_verbose).
    words_ = Fd(::memfd_create("words", MFD_CLOEXEC));
    // A signal to the launcher's slot is for the rank.
    const bool own_group = true;
    auto server =
        words_ ? spawn({std::move(command), -1, out.get(), words_.get(), {server_end_.get()}, own_group})
               : failure(Status::ours, "cannot make a file for pmi-server's words: " + errno_text(),
                         "raise the limits of open files and memory (ulimit -n, -v)");
    server_end_.reset();
    if (!server) {
        trouble_ = server.error();
        return false;
    }
    server_.emplace(std::move(*server));
    return true;
}

/// Only a PMIx client can ask, so here pmi-server is started before the rank, even if that has no MPI.
Result<std::uint32_t> PmiServerBridge::size_as_the_launcher_tells() {
    auto told = make_pipe();
    if (!told) {
        return failure(told.error());
    }
    if (!run_server({program_, directory_, "--tell-size"}, told->write_end)) {
        return failure(*trouble_);
    }
    told->write_end.reset();
    std::array<char, 16> digits{};
    const auto got =
        ::read(told->read_end.get(), digits.data(), digits.size());  // it answers or ends in time
    std::uint32_t size = 0;
    if (got > 0) {
        std::from_chars(digits.data(), digits.data() + got, size);
    }
    if (size == 0 && server_ended()) {
        trouble_ = Error{Status::ours, "pmi-server does not say how many ranks there are",
                         "is mpi-podman whole? install it again"};
    }
    return size > 0 ? Result<std::uint32_t>(size) : failure(*trouble_);
}

bool PmiServerBridge::server_ended() {
    const auto ending = server_->wait();
    server_.reset();
    if (ending == Ending{}) {
        return true;
    }
    if (ending.signal == 0) {
        const auto words = last_line(end_of(words_));  // its hint is among them
        trouble_ = Error{Status::ours, words.empty() ? "pmi-server failed and said nothing" : words, ""};
        return false;
    }
    const auto why = ending.signal == SIGALRM
                         ? "the launcher's PMIx server does not answer"
                         : "pmi-server was ended by " + std::string(::strsignal(ending.signal));
    trouble_ = Error{Status::ours, "the rank lost its launcher: " + why, "is the job still running?"};
    return false;
}

Result<void> PmiServerBridge::end() {
    // With the rank's end closed it ends by itself, unless it waits for other ranks in the dead one's name.
    if (server_ && server_->ends_within(500ms)) {
        server_ended();
    }
    server_.reset();
    server_end_.reset();
    return trouble_ ? failure(*trouble_) : Result<void>();
}

}  // namespace mpi_podman
