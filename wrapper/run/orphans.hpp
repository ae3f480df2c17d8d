/// What still runs of a podman that was ended while it started a container, and which its store may not know.
#pragma once

#include <string>

#include "sys/fd.hpp"

namespace mpi_podman {

/// Ends a podman that may still be starting a container: at SIGTERM it finishes its transaction with its
/// store first; one that does not end is killed.
void end_podman(const Fd& podman);

/// Ends every podman that starts the container of this name. One that is signalled while it hands over to its
/// child in the user namespace dies of it alone, and the child, which the kernel signals for that, may first
/// finish the container.
void end_starters(const std::string& container);

/// Ends the runtime where it still starts the container of this id; empty: none. Call when that is removed: a
/// runtime whose podman was ended, and then the first process that it was to let begin, waits for that for
/// ever.
void end_runtime_starts(const std::string& id);

/// Waits until no conmon(8) of this container runs. Call when podman does not know the container: podman that
/// ended between conmon's start and its own note of that leaves conmon with a runtime, or a rank, that nobody
/// will ever start or end; that is killed, and conmon ends with it.
void end_conmons(const std::string& container);

}  // namespace mpi_podman
