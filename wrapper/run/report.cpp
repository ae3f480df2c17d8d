#include "run/report.hpp"

#include <unistd.h>

namespace mpi_podman {

std::string to_line(const Error& error, const std::string& hostname) {
    std::string line = "mpi-podman: " + hostname + ": " + error.message;
    if (!error.hint.empty()) {
        line += "; " + error.hint;
    }
    // Names come from images and environments: what a terminal would obey (C0, DEL, C1) does not reach it.
    for (std::size_t i = 0; i < line.size(); ++i) {
        const auto at = [&](std::size_t k) {
            return k < line.size() ? static_cast<unsigned char>(line[k]) : 0U;
        };
        const bool is_c1 = at(i) == 0xC2 && at(i + 1) >= 0x80 && at(i + 1) < 0xA0;
        if (at(i) < 0x20 || at(i) == 0x7F || is_c1) {
            line.replace(i, is_c1 ? 2 : 1, 1, '?');
        }
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
