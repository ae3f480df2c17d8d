#include "run/report.hpp"

#include <unistd.h>

#include <algorithm>
#include <string_view>

#include "plan/rank_environment.hpp"

namespace mpi_podman {

std::string to_line(const Error& error, const std::string& hostname) {
    const auto said =
        "mpi-podman: " + hostname + ": " + error.message + (error.hint.empty() ? "" : "; ") + error.hint;
    // Names come from images and environments: what a terminal would obey (C0, DEL, C1) or cannot show does
    // not reach it.
    std::string line;
    for (std::string_view rest = said; !rest.empty();) {
        const auto length = utf8_sequence(rest);
        const auto first = static_cast<unsigned char>(rest.front());
        const bool is_control =
            first < 0x20 || first == 0x7F || (first == 0xC2 && rest.substr(1, 1) < "\xA0");
        line += length == 0 || is_control ? "?" : rest.substr(0, length);
        rest.remove_prefix(std::max<std::size_t>(length, 1));
    }
    return line + "\n";
}

int report(const Error& error, const std::string& hostname, const JobDirectory* directory) {
    if (directory == nullptr || directory->is_first_to_say(error.message)) {
        write_all(STDERR_FILENO, to_line(error, hostname));
    }
    return static_cast<int>(error.status);
}

}  // namespace mpi_podman
