/// Which linux namespaces (namespaces(7)) another process is in and this one is not.
#pragma once

#include <sys/types.h>

#include "join/description.hpp"

namespace mpi_podman {

/// The linux namespaces of a process that are not ours, as flags for setns(2), of the kinds in `kinds`: those
/// that are (net, ipc) need not be entered, as that would need rights.
int namespaces_to_enter(pid_t process, int kinds = ~0);

/// What a container's description says of them, seen by this process.
Namespaces namespaces_of(pid_t agent, pid_t conmon);

}  // namespace mpi_podman
