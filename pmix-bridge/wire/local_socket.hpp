/// Unix sockets (SOCK_SEQPACKET) that are files of a directory.
#pragma once

#include <string>

#include "sys/fd.hpp"

namespace mpi_podman {

/// Connects, and has the kernel say who the peer is with what it sends; empty, with errno, where it cannot:
/// what that says of the socket is nobody_listens()'s.
Fd connect_in(const std::string& directory, const std::string& name);

/// Whether connect_in() has just failed because nobody listens, by errno. Otherwise somebody may do so, and
/// what the node or this process lacks (ENFILE, ENOMEM) kept us from them: no reason to take their place.
bool nobody_listens() noexcept;

/// A listening socket that does not block, in the place of one whose owner died, for this user alone; empty,
/// with errno, where it cannot be.
Fd listen_in(const std::string& directory, const std::string& name);

}  // namespace mpi_podman
