/// Unix sockets (SOCK_SEQPACKET) that are files of a directory.
#pragma once

#include <string>

#include "sys/fd.hpp"

namespace mpi_podman {

/// Connects, and has the kernel say who the peer is with what it sends; empty where nobody listens.
Fd connect_in(const std::string& directory, const std::string& name);

/// A listening socket that does not block, in the place of one whose owner died, for this user alone; empty,
/// with errno, where it cannot be.
Fd listen_in(const std::string& directory, const std::string& name);

}  // namespace mpi_podman
