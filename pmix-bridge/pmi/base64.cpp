#include "pmi/base64.hpp"

#include <cstdint>

namespace mpi_podman::pmi {
namespace {

constexpr std::string_view letters = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_";
constexpr unsigned bits_of_letter = 6, bits_of_byte = 8;

}  // namespace

std::string to_base64(std::string_view bytes) {
    std::string text;
    std::uint32_t held = 0;
    unsigned bits = 0;
    for (const char byte : bytes) {
        held = (held << bits_of_byte) | static_cast<unsigned char>(byte);
        for (bits += bits_of_byte; bits >= bits_of_letter; bits -= bits_of_letter) {
            text += letters[(held >> (bits - bits_of_letter)) & 63U];
        }
    }
    if (bits > 0) {
        text += letters[(held << (bits_of_letter - bits)) & 63U];
    }
    return text;
}

Result<std::string> from_base64(std::string_view text) {
    std::string bytes;
    std::uint32_t held = 0;
    unsigned bits = 0;
    for (const char letter : text) {
        const auto value = letters.find(letter);
        if (value == std::string_view::npos) {
            return failure(Status::ours, "what another node's PMIx server sent is no base64",
                           "is mpi-podman the same on all nodes?");
        }
        held = (held << bits_of_letter) | static_cast<std::uint32_t>(value);
        bits += bits_of_letter;
        if (bits >= bits_of_byte) {
            bits -= bits_of_byte;
            bytes += static_cast<char>((held >> bits) & 255U);
        }
    }
    if (bits >= bits_of_letter || (held & ((1U << bits) - 1)) != 0) {
        return failure(Status::ours, "what another node's PMIx server sent is cut off",
                       "is mpi-podman the same on all nodes?");
    }
    return bytes;
}

}  // namespace mpi_podman::pmi
