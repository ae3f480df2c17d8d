#include "run/report.hpp"

#include <unistd.h>

#include <algorithm>

#include "plan/rank_environment.hpp"

namespace mpi_podman {

std::string printable(std::string_view text) {
    std::string shown;
    while (!text.empty()) {
        const auto length = utf8_sequence(text);
        const auto first = static_cast<unsigned char>(text.front());
        const bool is_control =
            (first < 0x20 && first != '\n') || first == 0x7F || (first == 0xC2 && text.substr(1, 1) < "\xA0");
        shown += length == 0 || is_control ? "?" : text.substr(0, length);
        text.remove_prefix(std::max<std::size_t>(length, 1));
    }
    return shown;
}

std::string to_line(const Error& error, const std::string& hostname) {
    auto line = printable("mpi-podman: " + hostname + ": " + error.message +
                          (error.hint.empty() ? "" : "; ") + error.hint);
    std::ranges::replace(line, '\n', '?');
    return line + "\n";
}

int report(const Error& error, const std::string& hostname, const JobDirectory* directory) {
    if (directory == nullptr || directory->is_first_to_say(error.message)) {
        write_all(STDERR_FILENO, to_line(error, hostname));
    }
    return static_cast<int>(error.status);
}

}  // namespace mpi_podman
