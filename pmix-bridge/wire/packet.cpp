#include "wire/packet.hpp"

#include <sys/socket.h>
#include <sys/uio.h>

#include <array>
#include <cerrno>
#include <cstring>
#include <utility>

namespace mpi_podman {
namespace {

/// Room for one descriptor and one set of credentials, aligned as cmsg(3) wants it.
struct Control {
    alignas(cmsghdr) std::array<char, CMSG_SPACE(sizeof(int)) + CMSG_SPACE(sizeof(ucred))> space{};
};

void take_control(msghdr& message, Packet& packet) {
    for (cmsghdr* part = CMSG_FIRSTHDR(&message); part != nullptr; part = CMSG_NXTHDR(&message, part)) {
        if (part->cmsg_level != SOL_SOCKET) {
            continue;
        }
        if (part->cmsg_type == SCM_RIGHTS) {
            // One is expected; where credentials are off there is room for more, and each that came is ours
            // to close.
            const std::size_t count = (part->cmsg_len - CMSG_LEN(0)) / sizeof(int);
            for (std::size_t i = count; i-- > 0;) {
                int fd = -1;
                std::memcpy(&fd, CMSG_DATA(part) + i * sizeof fd, sizeof fd);
                packet.fd = Fd(fd);
            }
        } else if (part->cmsg_type == SCM_CREDENTIALS) {
            ucred sender{};
            std::memcpy(&sender, CMSG_DATA(part), sizeof sender);
            packet.peer_pid = sender.pid;
            packet.peer_uid = sender.uid;
        }
    }
}

}  // namespace

bool send_packet(int socket, std::span<const std::byte> bytes, int fd) {
    // NOLINTNEXTLINE(cppcoreguidelines-pro-type-const-cast): sendmsg(2) only reads
    iovec content{const_cast<std::byte*>(bytes.data()), bytes.size()};
    Control control;
    msghdr message{};
    message.msg_iov = &content;
    message.msg_iovlen = 1;
    if (fd >= 0) {
        message.msg_control = control.space.data();
        message.msg_controllen = CMSG_SPACE(sizeof fd);
        cmsghdr* part = CMSG_FIRSTHDR(&message);
        part->cmsg_level = SOL_SOCKET;
        part->cmsg_type = SCM_RIGHTS;
        part->cmsg_len = CMSG_LEN(sizeof fd);
        std::memcpy(CMSG_DATA(part), &fd, sizeof fd);
    }
    ssize_t put = 0;
    do {
        put = ::sendmsg(socket, &message, MSG_NOSIGNAL);
    } while (put < 0 && errno == EINTR);
    return put == static_cast<ssize_t>(bytes.size());
}

Packet receive_packet(int socket, std::span<std::byte> room) {
    iovec content{room.data(), room.size()};
    Control control;
    msghdr message{};
    message.msg_iov = &content;
    message.msg_iovlen = 1;
    message.msg_control = control.space.data();
    message.msg_controllen = control.space.size();
    ssize_t got = 0;
    bool reset =
        false;  // comes once, and before what the peer said, where that left something of ours unread
    do {
        got = ::recvmsg(socket, &message, MSG_CMSG_CLOEXEC);
    } while (got < 0 && (errno == EINTR || (errno == ECONNRESET && !std::exchange(reset, true))));
    Packet packet;
    if (got >= 0) {  // an empty message may bring descriptors too
        packet.size = static_cast<std::size_t>(got);
        packet.whole = (message.msg_flags & MSG_TRUNC) == 0;
        take_control(message, packet);
    }
    return packet;
}

}  // namespace mpi_podman
