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

std::array<std::byte, frame_size> encode_frame(const Frame& frame, std::uint32_t version) {
    std::array<std::byte, frame_size> bytes{};
    const std::span<std::byte, frame_size> all(bytes);
    put(all.subspan<0, 4>(), wire_magic);
    put(all.subspan<4, 4>(), version);
    put(all.subspan<8, 4>(), static_cast<std::uint32_t>(frame.say));
    put(all.subspan<12, 4>(), frame.number);
    return bytes;
}

std::optional<Frame> decode_frame(std::span<const std::byte> bytes) {
    constexpr std::size_t beginning = 8;  // the same in every version
    if (bytes.size() < beginning || get(bytes.first<4>()) != wire_magic) {
        return std::nullopt;
    }
    if (get(bytes.subspan<4, 4>()) != wire_version) {
        return Frame{Say::refused};
    }
    if (bytes.size() != frame_size) {
        return std::nullopt;
    }
    const auto word = get(bytes.subspan<8, 4>());
    if (word < static_cast<std::uint32_t>(Say::hello) || word > static_cast<std::uint32_t>(Say::full)) {
        return std::nullopt;
    }
    return Frame{static_cast<Say>(word), get(bytes.subspan<12, 4>())};
}

bool send_frame(int socket, const Frame& frame, int fd) {
    return send_packet(socket, encode_frame(frame), fd);
}

Received receive_frame(int socket) {
    std::array<std::byte, frame_size> bytes{};
    auto packet = receive_packet(socket, bytes);
    Received received{std::nullopt, 0, std::move(packet.fd), packet.peer_pid, packet.peer_uid};
    const auto frame = packet.whole ? decode_frame(std::span(bytes).first(packet.size)) : std::nullopt;
    if (frame) {
        received.say = frame->say;
        received.number = frame->number;
    }
    return received;
}

}  // namespace mpi_podman
