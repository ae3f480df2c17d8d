/// Child processes: started in one place, owned, and waited for through a pidfd.
#pragma once

#include <sys/resource.h>
#include <sys/types.h>

#include <chrono>
#include <functional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "sys/fd.hpp"
#include "sys/result.hpp"

namespace mpi_podman {

/// How a child is started. An fd of -1 stands for /dev/null.
struct Spawn {
    std::vector<std::string> argv;    ///< argv[0] holds a path, or a name looked up in our own PATH
    int in = -1, out = -1, err = -1;  ///< what becomes fd 0, 1, 2; everything else is close-on-exec
    std::vector<int> pass = {};       ///< become fd 3, 4, ... in this order
    bool own_process_group = false;   ///< so that a signal to the launcher's slot is ours to pass on, once
    std::function<void()> before_exec = {};  ///< in the child: async-signal-safe calls only
};

/// How a process ended: an exit status or a signal, one of the two.
struct Ending {
    int status = 0;  ///< meaningful where signal is 0
    int signal = 0;
    bool operator==(const Ending&) const = default;
};

/// A started child. Its destructor kills (SIGKILL) and reaps what still runs.
class Child {
public:
    Child(pid_t pid, Fd pidfd) : pid_(pid), pidfd_(std::move(pidfd)) {}
    Child(Child&& other) noexcept : pid_(std::exchange(other.pid_, -1)), pidfd_(std::move(other.pidfd_)) {}
    Child& operator=(Child&&) = delete;
    Child(const Child&) = delete;
    Child& operator=(const Child&) = delete;
    ~Child();

    [[nodiscard]] pid_t pid() const noexcept { return pid_; }
    /// Becomes readable when the child has ended (pidfd_open(2)).
    [[nodiscard]] int pidfd() const noexcept { return pidfd_.get(); }
    void signal(int number) const noexcept;
    /// Whether it ends within so long, or has, and has not been waited for.
    [[nodiscard]] bool ends_within(std::chrono::milliseconds limit) const noexcept;
    /// Waits for the end and reaps.
    Ending wait() noexcept;
    /// After that: what it and the processes it had waited for used (getrusage(2)).
    [[nodiscard]] const rusage& usage() const noexcept { return usage_; }

private:
    pid_t pid_;
    Fd pidfd_;
    rusage usage_{};
};

/// What exec(3) takes for `words`, which must outlive it: a pointer to each, and a closing null. It
/// allocates, so it is to be made before fork(2).
std::vector<char*> exec_pointers(const std::vector<std::string>& words);

/// Why a program could not be started with these words, by the errno of fork(2), exec(3) or what goes before
/// them: Status::not_found or not_runnable, with errno in words; Status::ours and advice where it is a limit.
Error cannot_start(const std::vector<std::string>& argv, int why);

/// Starts a child with our environment, an empty signal mask and every signal at its default.
/// Fails as cannot_start says.
Result<Child> spawn(const Spawn& how);

/// Runs `code` in a process called `name` that the launcher does not know: nobody's child, off its session,
/// terminal, streams and directory, with no fd but `kept`. Call while this process has one thread; signals
/// should not be blocked.
Result<void> fork_apart(const std::string& name, const std::function<void()>& code,
                        const std::vector<int>& kept);

/// main()'s words, for rename_process().
void note_words(std::span<char* const> words);

/// What this process is called in ps(1); its command line too, where that was noted, cut where it is too
/// short.
void rename_process(const std::string& name);

/// Every process that /proc shows.
std::vector<pid_t> all_processes();

/// The value of a field of /proc/PID/status (proc(5)), "PPid" say; empty where the process is gone.
std::string proc_status(pid_t pid, std::string_view field);

/// Whether a process catches this signal (proc(5), SigCgt).
bool catches(pid_t pid, int number);

/// Opens a pidfd(2) on any process; an empty Fd where it is gone.
Fd pidfd_of(pid_t pid) noexcept;
/// A pidfd of our parent, who is `parent` if it has not died meanwhile; where it has, an fd that is as
/// readable as that of a process that ended.
Fd pidfd_of_parent(pid_t parent) noexcept;
/// Whether the process of this pidfd ends within so long, or has; an empty Fd stands for one that has. So
/// asks a socket, too, to which that process writes nothing.
bool ended_within(const Fd& process, std::chrono::milliseconds limit) noexcept;
/// Sends a signal through a pidfd, so never to a stranger that took over the pid.
bool signal_pidfd(const Fd& pidfd, int number) noexcept;

}  // namespace mpi_podman
