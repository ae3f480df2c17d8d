#include "join/keeper.hpp"

#include <fcntl.h>
#include <poll.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/signalfd.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

#include <array>
#include <cerrno>
#include <csignal>
#include <ctime>

#include "join/confine.hpp"

namespace mpi_podman {
namespace {

bool set_limits(const Rank& rank) {
    for (const auto& [which, soft, hard] : rank.limits) {
        const rlimit limit{soft, hard};
        if (::setrlimit(static_cast<__rlimit_resource_t>(which), &limit) != 0) {
            return false;
        }
    }
    return true;
}

/// From here on only async-signal-safe calls.
[[noreturn]] void become_rank(int channel, const Description& description, const Rank& rank,
                              const Image& image) {
    ::prctl(PR_SET_PDEATHSIG, SIGKILL);
    if (!set_limits(rank)) {
        fail(channel, Step::limits);
    }
    if (!confine(description)) {
        fail(channel, Step::confinement);
    }
    if (::chdir(rank.workdir.c_str()) != 0) {
        fail(channel, Step::workdir);
    }
    // What the launcher ignores its rank ignores (nohup(1)); these two the wrapper changed.
    static_cast<void>(::signal(SIGPIPE, SIG_DFL));
    static_cast<void>(::signal(SIGCHLD, SIG_DFL));
    sigset_t none;
    ::sigemptyset(&none);
    ::sigprocmask(SIG_SETMASK, &none, nullptr);
    if (!image.by_agent.empty()) {
        ::fcntl(channel, F_SETFD, 0);
        ::execve(image.agent.c_str(), image.by_agent.data(), image.environment.data());
        fail(channel, Step::namespaces);
    }
    fail(channel, execute(image.programs, image.argv.data(), image.environment.data()));
}

/// SIGKILLs every child. True where the kernel could tell which there are (proc(5), children).
bool kill_children() {
    const int file = ::open("/proc/thread-self/children", O_RDONLY | O_CLOEXEC);
    if (file < 0) {
        return false;
    }
    std::array<char, 4096> text{};
    pid_t pid = 0;
    for (ssize_t got = ::read(file, text.data(), text.size()); got > 0;
         got = ::read(file, text.data(), text.size())) {
        for (ssize_t i = 0; i < got; ++i) {
            const char c = text[static_cast<std::size_t>(i)];
            if (c >= '0' && c <= '9') {
                pid = pid * 10 + (c - '0');
            } else if (pid > 0) {
                ::kill(pid, SIGKILL);
                pid = 0;
            }
        }
    }
    ::close(file);
    return true;
}

/// Ends everything below: what a killed child leaves becomes a child in its stead, until there is none.
void end_everything() {
    while (::waitpid(-1, nullptr, WNOHANG) >= 0 && kill_children()) {
        ::waitpid(-1, nullptr, 0);
    }
}

/// A signal that went to the whole process group has reached the rank already, and waits, blocked, for us as
/// well; one that went to the wrapper alone has not (kill(2)).
void pass_on(int number, pid_t rank) {
    sigset_t only;
    ::sigemptyset(&only);
    ::sigaddset(&only, number);
    const timespec now{};
    if (::sigtimedwait(&only, nullptr, &now) == number) {
        return;
    }
    // The kernel ignores SIGTSTP where no job-control shell is above (setpgid(2), orphaned process groups).
    const bool stop = number == SIGTSTP && !catches(rank, SIGTSTP);
    ::kill(rank, stop ? SIGSTOP : number);
}

/// Reaps all that ended. True, after telling the wrapper, where the rank is among them.
bool reap(const Fd& ended, pid_t rank, int channel) {
    signalfd_siginfo info{};
    while (::read(ended.get(), &info, sizeof info) > 0) {
    }
    int status = 0;
    bool rank_ended = false;
    for (pid_t pid = ::waitpid(-1, &status, WNOHANG); pid > 0; pid = ::waitpid(-1, &status, WNOHANG)) {
        if (pid == rank) {
            tell(channel, {true, status, Step::exec});
            rank_ended = true;
        }
    }
    return rank_ended;
}

/// Serves until the rank or the wrapper has ended.
void serve(int channel, const Fd& ended, pid_t rank) {
    std::array<pollfd, 2> events{{{channel, POLLIN, 0}, {ended.get(), POLLIN, 0}}};
    while (true) {
        ::poll(events.data(), events.size(), -1);
        if (events[1].revents != 0 && reap(ended, rank, channel)) {
            return;
        }
        std::int32_t number = 0;
        if (events[0].revents != 0) {
            if (::recv(channel, &number, sizeof number, MSG_DONTWAIT) != sizeof number) {
                return;
            }
            pass_on(number, rank);
        }
    }
}

}  // namespace

void keep(int channel, const Description& description, const Rank& rank, const Image& image) {
    // Not to be traced, stopped or read by the ranks, which run as the same user beside it (ptrace(2)); and
    // as /proc/PID/exe would lead them to the host's file.
    ::prctl(PR_SET_DUMPABLE, 0);
    // `pkill mpi-podman` is for wrappers: a signal that reached this process too would look like the process
    // group's.
    rename_process("rank-keeper");
    ::prctl(PR_SET_CHILD_SUBREAPER, 1);
    const Fd ended = open_signalfd({SIGCHLD});
    if (!ended) {
        fail(channel, Step::namespaces);
    }
    const pid_t child = ::vfork();  // NOLINT(clang-analyzer-security.insecureAPI.vfork): as in enter.cpp
    if (child == 0) {
        // NOLINTNEXTLINE(clang-analyzer-unix.Vfork): it allocates nothing and ends in execve(2) or _exit(2)
        become_rank(channel, description, rank, image);
    }
    if (child < 0) {
        fail(channel, Step::namespaces);
    }
    for (const int fd : rank.own) {
        ::close(fd);  // or who speaks to the rank would not see it end
    }
    give_up_capabilities();
    serve(channel, ended, child);
    end_everything();
    ::_exit(0);
}

}  // namespace mpi_podman
