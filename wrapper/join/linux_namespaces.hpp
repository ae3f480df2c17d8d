#pragma once

#include <sys/types.h>

namespace mpi_podman {

/// The linux namespaces of a process that are not ours, as flags for setns(2), of the kinds in `kinds`: those
/// that are (net, ipc) need not be entered, as that would need rights.
int namespaces_to_enter(pid_t process, int kinds = ~0);

}  // namespace mpi_podman
