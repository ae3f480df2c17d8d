#include "run/signals.hpp"

#include <sys/prctl.h>
#include <sys/signalfd.h>
#include <unistd.h>

#include <algorithm>
#include <array>

#include "sys/process.hpp"

namespace mpi_podman {
namespace {

constexpr std::array passed_on{SIGTERM, SIGINT, SIGHUP, SIGQUIT, SIGUSR1, SIGUSR2, SIGCONT, SIGTSTP};
constexpr std::array fatal{SIGTERM, SIGINT, SIGHUP, SIGQUIT};

}  // namespace

Result<Fd> open_signals() {
    sigset_t set;
    ::sigemptyset(&set);
    for (const int number : passed_on) {
        struct sigaction now {};
        if (::sigaction(number, nullptr, &now) == 0 && now.sa_handler != SIG_IGN) {
            ::sigaddset(&set, number);
        }
    }
    ::sigprocmask(SIG_BLOCK, &set, nullptr);
    static_cast<void>(::signal(
        SIGPIPE, SIG_IGN));  // a stderr that nobody reads any more is no reason to leave the rank alone
    Fd signals(::signalfd(-1, &set, SFD_CLOEXEC | SFD_NONBLOCK));
    if (!signals) {
        return failure(Status::ours, "cannot receive signals: " + errno_text(), "raise the limit: ulimit -n");
    }
    return signals;
}

int next_signal(const Fd& signals) noexcept {
    signalfd_siginfo info{};
    return ::read(signals.get(), &info, sizeof info) == sizeof info ? static_cast<int>(info.ssi_signo) : 0;
}

void block_signals() noexcept {
    sigset_t all;
    ::sigfillset(&all);
    ::sigprocmask(SIG_BLOCK, &all, nullptr);
}

bool is_fatal(int signal) noexcept { return std::find(fatal.begin(), fatal.end(), signal) != fatal.end(); }

bool is_asked_to_end() noexcept {
    sigset_t waiting;
    ::sigemptyset(&waiting);
    ::sigpending(&waiting);
    return std::ranges::any_of(fatal, [&](int signal) { return ::sigismember(&waiting, signal) == 1; });
}

Fd launcher_of(const Plan& plan) { return plan.launcher.empty() ? Fd{} : pidfd_of_parent(plan.launcher_pid); }

Error launcher_died(const Plan& plan) {
    return {Status::ours, plan.launcher + " died on this node before its rank, which was ended with it",
            "see what killed it: the kernel's log, the batch system, a person"};
}

void die_by(int signal) noexcept {
    ::prctl(PR_SET_DUMPABLE, 0);
    static_cast<void>(::signal(signal, SIG_DFL));
    sigset_t only;
    ::sigemptyset(&only);
    ::sigaddset(&only, signal);
    ::sigprocmask(SIG_UNBLOCK, &only, nullptr);
    static_cast<void>(::raise(signal));
    ::_exit(128 + signal);  // a signal whose default is to be ignored
}

}  // namespace mpi_podman
