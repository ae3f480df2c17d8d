#pragma once

#include <sys/types.h>

namespace mpi_podman {

/// The linux namespaces of a process that are not ours, as flags for setns(2): those that are (net, ipc) need
/// not be entered, as that would need rights.
int namespaces_to_enter(pid_t process);

}  // namespace mpi_podman
