/// The container of one rank, from outside: its main process, and an end of everything in it.
#pragma once

#include <sys/types.h>

#include <chrono>
#include <string>

#include "sys/fd.hpp"

namespace mpi_podman {

/// A container that podman has created: the rank's process and the linux namespace that all it starts stays
/// in.
class Container {
public:
    /// Nothing created yet.
    Container() = default;
    /// `pid` is what podman wrote into its pidfile; an empty Container where that process is gone already.
    static Container of(pid_t pid);
    /// One that is a rank's alone: what runs in a user linux namespace below its own is in it as well, for
    /// the rank may have made such (unshare(1), sandboxes), and then sees to its own mount linux namespace.
    static Container of_rank(pid_t pid);

    explicit operator bool() const noexcept { return static_cast<bool>(rank_); }
    [[nodiscard]] pid_t pid() const noexcept { return pid_; }
    /// Becomes readable when the rank's process has ended.
    [[nodiscard]] int pidfd() const noexcept { return rank_.get(); }

    /// Passes a signal on to the rank. SIGTSTP, which the kernel ignores for a process without a job-control
    /// shell above it (setpgid(2), orphaned process groups), becomes SIGSTOP unless the rank catches it.
    void signal(int number) const noexcept;

    /// SIGKILLs every process in the container, also those that called setsid(2) or whose parents are gone,
    /// until none is left (at most some seconds, for processes the kernel cannot end at once). True where
    /// there was any.
    bool kill_all() const;

private:
    pid_t pid_ = -1;
    Fd rank_;             ///< pidfd
    Fd mount_namespace_;  ///< held open, so that its inode number stays its own
    Fd user_namespace_;   ///< as well; empty where others may share it
};

/// SIGKILLs what is in a container of which the first process ended before anybody saw it: by its conmon, to
/// which fall those whose parents have ended (prctl(2), PR_SET_CHILD_SUBREAPER), and which waits for them.
/// Not found is what fell after the first process had ended, for conmon takes no more then. True where there
/// was any.
bool kill_all_in(const std::string& name);

/// Whether there is one of that name in podman's store, or may be, as podman cannot be asked at the moment;
/// not where it never can.
bool podman_knows(const std::string& podman, const std::string& name);

/// What cleans up waits so long for the user's other jobs, where they have reached a limit of processes.
constexpr std::chrono::seconds time_for_other_jobs{60};

/// Removes a container from podman's store, whatever state it is in, and ends whatever runs of it; waits
/// until podman no longer knows it. False where it still does, or cannot say. Where a limit that may pass
/// keeps podman from working, it is tried again until the time given. `told` is the container's id where
/// somebody knows it (run/run_paths.hpp): podman may have forgotten that when it is asked.
bool remove_container(const std::string& podman, const std::string& name,
                      std::chrono::steady_clock::time_point until = {}, const std::string& told = {});

}  // namespace mpi_podman
