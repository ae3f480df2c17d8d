/// A process of our own that outlives the wrapper's death: a launcher that SIGKILLs its ranks must not leave
/// containers, which are conmon's children and not the launcher's.
#pragma once

#include <sys/types.h>

#include <string>

#include "sys/fd.hpp"
#include "sys/result.hpp"

namespace mpi_podman {

/// Speaks to the guard over a pipe that only the wrapper holds, and what it forks until that executes: its
/// end, however it came, is the wrapper's end.
class Guard {
public:
    /// Forks the guard of a container that this process is about to start. Call while it has one thread, no
    /// podman yet and no signal blocked.
    static Result<Guard> post(const std::string& podman, const std::string& container);

    /// This process is about to become podman: to be called in it, between fork and exec. If the wrapper
    /// told, podman could run before, and stay when the wrapper is killed in between.
    void tell_podman() const;
    /// The container exists, its rank is this process.
    void tell_rank(pid_t rank) const;
    /// Nothing is left to guard.
    void dismiss();

private:
    explicit Guard(Fd orders) : orders_(std::move(orders)) {}
    Fd orders_;
};

}  // namespace mpi_podman
