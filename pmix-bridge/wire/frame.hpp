/// What a wrapper and the agent of a node container say to each other over a SOCK_SEQPACKET unix socket.
///
///     wrapper                      agent
///        hello + number   -->                       how many ranks of this node are to begin together
///                         <--     prepare           to the first: describe this container for the others
///        prepared + fd    -->                       the description, a sealed memfd
///                         <--     ready + fd        to all the others
///                         <--     refused           to a peer of another version
///                         <--     stranger          to a peer that is another user
///                         <--     full + number     to a peer for whom there is no place: how many there are
///        hold             -->                       by a container-keeper; again, to ask
///                         <--     vacant + fd       the answer: no rank is here, and no process; the
///                         description
///                         <--     busy              the answer: there are
///                         <--     idle + fd         by itself, when the last rank has gone
///
/// The connection is the rank's place in the container: the agent ends when the last one closes. `ready`
/// waits until as many have come as are to begin together, or no more come.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <span>

#include "sys/fd.hpp"

namespace mpi_podman {

enum class Say : std::uint32_t {
    hello = 1,
    prepare,
    prepared,
    ready,
    hold,
    vacant,
    busy,
    idle,
    stranger,
    refused,
    full
};

inline constexpr std::uint32_t wire_magic = 0x4D504431;  // changes only if frames themselves do
inline constexpr std::uint32_t wire_version = 3;
inline constexpr std::size_t frame_size = 16;

struct Frame {
    Say say = Say::refused;
    std::uint32_t number = 0;  ///< of `hello`: ranks; of `full`: places; otherwise 0
    bool operator==(const Frame&) const = default;
};

/// One frame in wire order: magic, version, word, number; each little-endian in 4 bytes.
std::array<std::byte, frame_size> encode_frame(const Frame& frame, std::uint32_t version = wire_version);

/// Nothing where the bytes are no frame at all; `refused` where they are one of another version, which may be
/// longer or shorter.
std::optional<Frame> decode_frame(std::span<const std::byte> bytes);

/// What one receive brought.
struct Received {
    std::optional<Say> say;    ///< nothing: the peer is gone, or what it sent was no frame
    std::uint32_t number = 0;  ///< the frame's
    Fd fd;                     ///< what came along by SCM_RIGHTS; close-on-exec
    int peer_pid = 0;  ///< the sender as the kernel names it to us (SO_PASSCRED must be on), 0 where not told
    unsigned peer_uid = 0;  ///< told together with it
};

/// Sends a frame, with a descriptor where `fd` is not negative. False where the peer is gone or does not
/// read.
bool send_frame(int socket, const Frame& frame, int fd = -1);

/// Receives one frame. Blocks as the socket does.
Received receive_frame(int socket);

}  // namespace mpi_podman
