/// When a rank first talks to anybody, which for an MPI program is in MPI_Init.
#pragma once

#include <sys/types.h>

#include <set>
#include <string>

namespace mpi_podman {

/// A look at the processes below one, from outside, without stopping them.
class FirstSocket {
public:
    /// Of the processes below `keeper`; sockets that this process has are inherited ones.
    explicit FirstSocket(pid_t keeper);
    /// Whether one of them has a socket of its own by now (proc(5), /proc/PID/fd).
    [[nodiscard]] bool is_there() const;

private:
    pid_t keeper_;
    std::set<std::string> inherited_;
};

}  // namespace mpi_podman
