#include "wire/frame.hpp"

#include <sys/socket.h>
#include <sys/uio.h>

#include <cerrno>
#include <cstring>
#include <utility>

namespace mpi_podman {
namespace {

void put(std::span<std::byte, 4> into, std::uint32_t number) {
    for (auto& byte : into) {
        byte = static_cast<std::byte>(number & 0xFFU);
        number >>= 8U;
    }
}

std::uint32_t get(std::span<const std::byte, 4> from) {
    std::uint32_t number = 0;
    for (std::size_t i = from.size(); i-- > 0;) {
        number = (number << 8U) | std::to_integer<std::uint32_t>(from[i]);
    }
    return number;
}

/// Room for one descriptor and one set of credentials, aligned as cmsg(3) wants it.
struct Control {
    alignas(cmsghdr) std::array<char, CMSG_SPACE(sizeof(int)) + CMSG_SPACE(sizeof(ucred))> space{};
};

void take_control(msghdr& message, Received& received) {
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
                received.fd = Fd(fd);
            }
        } else if (part->cmsg_type == SCM_CREDENTIALS) {
            ucred sender{};
            std::memcpy(&sender, CMSG_DATA(part), sizeof sender);
            received.peer_pid = sender.pid;
            received.peer_uid = sender.uid;
        }
    }
}

}  // namespace

std::array<std::byte, frame_size> encode_frame(Say say, std::uint32_t version) {
    std::array<std::byte, frame_size> bytes{};
    const std::span<std::byte, frame_size> all(bytes);
    put(all.subspan<0, 4>(), wire_magic);
    put(all.subspan<4, 4>(), version);
    put(all.subspan<8, 4>(), static_cast<std::uint32_t>(say));
    return bytes;
}

std::optional<Say> decode_frame(std::span<const std::byte> bytes) {
    if (bytes.size() != frame_size) {
        return std::nullopt;
    }
    const auto all = bytes.first<frame_size>();
    const auto word = get(all.subspan<8, 4>());
    if (get(all.subspan<0, 4>()) != wire_magic || word < static_cast<std::uint32_t>(Say::hello) ||
        word > static_cast<std::uint32_t>(Say::refused)) {
        return std::nullopt;
    }
    return get(all.subspan<4, 4>()) == wire_version ? static_cast<Say>(word) : Say::refused;
}

bool send_frame(int socket, Say say, int fd) {
    auto bytes = encode_frame(say);
    iovec content{bytes.data(), bytes.size()};
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

Received receive_frame(int socket) {
    std::array<std::byte, frame_size> bytes{};
    iovec content{bytes.data(), bytes.size()};
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
    Received received;
    if (got <= 0) {
        return received;
    }
    take_control(message, received);
    if ((message.msg_flags & MSG_TRUNC) == 0) {
        received.say = decode_frame(std::span(bytes).first(static_cast<std::size_t>(got)));
    }
    return received;
}

}  // namespace mpi_podman
