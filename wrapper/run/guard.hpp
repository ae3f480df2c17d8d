/// A process of our own that outlives the wrapper's death: a launcher that SIGKILLs its ranks must not leave
/// containers, which are conmon's children and not the launcher's.
#pragma once

#include <sys/types.h>

#include <string>

#include "run/job_directory.hpp"
#include "sys/fd.hpp"
#include "sys/result.hpp"

namespace mpi_podman {

/// Speaks to the guard over a pipe that only the wrapper holds: its end, however it came, is the wrapper's
/// end.
class Guard {
public:
    /// Forks the guard, which leaves the launcher's session and closes the launcher's streams. Call while the
    /// process has one thread, no podman yet and no signal blocked. `directory` is the wrapper's; the guard
    /// leaves it in its stead.
    static Result<Guard> post(const std::string& podman, const std::string& container,
                              JobDirectory& directory);

    /// podman runs as this process.
    void tell_podman(pid_t podman) const;
    /// The container exists, its rank is this process.
    void tell_rank(pid_t rank) const;
    /// Nothing is left to guard.
    void dismiss();

private:
    explicit Guard(Fd orders) : orders_(std::move(orders)) {}
    Fd orders_;
};

}  // namespace mpi_podman
