/// Code of a test in a process of its own: what it does to fds, signals and limits ends with it.
#pragma once

#include <sys/wait.h>
#include <unistd.h>

#include <cstdio>
#include <functional>

namespace mpi_podman::test {

/// Runs `code` in a forked process, which exits with its result. Returns its pid.
inline pid_t start_child(const std::function<int()>& code) {
    std::fflush(nullptr);
    const pid_t pid = ::fork();
    if (pid == 0) {
        ::_exit(code());
    }
    return pid;
}

/// Waits for a process of start_child(): its exit status, or 128 + n where signal n ended it.
inline int end_of_child(pid_t pid) {
    int status = 0;
    if (::waitpid(pid, &status, 0) != pid) {
        return -1;
    }
    return WIFSIGNALED(status) ? 128 + WTERMSIG(status) : WEXITSTATUS(status);
}

/// Both in one.
inline int in_child(const std::function<int()>& code) { return end_of_child(start_child(code)); }

}  // namespace mpi_podman::test
