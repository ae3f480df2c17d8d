#include "wire/frame.hpp"

#include <utility>

#include "wire/packet.hpp"

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

bool send_frame(int socket, Say say, int fd) { return send_packet(socket, encode_frame(say), fd); }

Received receive_frame(int socket) {
    std::array<std::byte, frame_size> bytes{};
    auto packet = receive_packet(socket, bytes);
    Received received{std::nullopt, std::move(packet.fd), packet.peer_pid, packet.peer_uid};
    if (packet.whole) {
        received.say = decode_frame(std::span(bytes).first(packet.size));
    }
    return received;
}

}  // namespace mpi_podman
