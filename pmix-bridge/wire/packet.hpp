/// One message over a unix socket, with a file descriptor and the kernel's word for who sent it (unix(7)).
#pragma once

#include <cstddef>
#include <span>

#include "sys/fd.hpp"

namespace mpi_podman {

/// What one receive brought.
struct Packet {
    std::size_t size = 0;   ///< 0: the peer is gone, or said nothing
    bool whole = true;      ///< false: it was longer than there was room
    Fd fd;                  ///< what came along by SCM_RIGHTS; close-on-exec
    int peer_pid = 0;       ///< the sender as the kernel names it to us (SO_PASSCRED must be on), 0: not told
    unsigned peer_uid = 0;  ///< told together with it
};

/// Sends a message, with a descriptor where `fd` is not negative. False where the peer is gone or does not
/// read.
bool send_packet(int socket, std::span<const std::byte> bytes, int fd = -1);

/// Receives one message into `room`. Blocks as the socket does.
Packet receive_packet(int socket, std::span<std::byte> room);

}  // namespace mpi_podman
