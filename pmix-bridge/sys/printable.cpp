#include "sys/printable.hpp"

#include <algorithm>

namespace mpi_podman {

/// RFC 3629, table in section 4.
std::size_t utf8_sequence(std::string_view bytes) {
    const auto at = [&](std::size_t k) {
        return k < bytes.size() ? static_cast<unsigned char>(bytes[k]) : 0U;
    };
    const unsigned lead = at(0);
    const std::size_t length = lead < 0x80                   ? 1
                               : lead >= 0xC2 && lead < 0xE0 ? 2
                               : (lead & 0xF0U) == 0xE0      ? 3
                               : lead >= 0xF0 && lead < 0xF5 ? 4
                                                             : 0;
    const bool overlong = (lead == 0xE0 && at(1) < 0xA0) || (lead == 0xF0 && at(1) < 0x90);
    const bool outside = (lead == 0xED && at(1) > 0x9F) || (lead == 0xF4 && at(1) > 0x8F);
    std::size_t followers = 0;
    while (followers + 1 < length && (at(followers + 1) & 0xC0U) == 0x80) {
        ++followers;
    }
    return overlong || outside || followers + 1 < length ? 0 : length;
}

bool is_utf8(std::string_view bytes) {
    while (!bytes.empty()) {
        const auto length = utf8_sequence(bytes);
        if (length == 0) {
            return false;
        }
        bytes.remove_prefix(length);
    }
    return true;
}

std::size_t unprintable(std::string_view bytes) {
    const auto length = utf8_sequence(bytes);
    const auto first = static_cast<unsigned char>(bytes.front());
    const bool is_control = first < 0x20 || first == 0x7F || (first == 0xC2 && bytes.substr(1, 1) < "\xA0");
    return length == 0 ? 1 : is_control ? length : 0;
}

std::string printable(std::string_view text) {
    std::string shown;
    while (!text.empty()) {
        const auto bad = text.front() == '\n' ? 0 : unprintable(text);
        const auto length = bad > 0 ? bad : utf8_sequence(text);
        shown += bad > 0 ? "?" : text.substr(0, length);
        text.remove_prefix(length);
    }
    return shown;
}

std::string printable_line(std::string_view text) {
    auto line = printable(text);
    std::ranges::replace(line, '\n', '?');
    return line;
}

}  // namespace mpi_podman
