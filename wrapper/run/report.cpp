#include "run/report.hpp"

#include <unistd.h>

#include "sys/printable.hpp"

namespace mpi_podman {

namespace {

/// Paths and names may be long, and podman says some twice: begin and end tell what it was about.
std::string shortened(const std::string& text) {
    constexpr std::size_t most = 2000;
    constexpr std::size_t kept = 900;  // of each end
    if (text.size() <= most) {
        return text;
    }
    const auto is_inside_character = [&](std::size_t at) { return (text[at] & 0xC0) == 0x80; };
    auto begin = kept;
    auto end = text.size() - kept;
    for (; begin > 0 && is_inside_character(begin); --begin) {
    }
    for (; end < text.size() && is_inside_character(end); ++end) {
    }
    return text.substr(0, begin) + " ... " + text.substr(end);
}

}  // namespace

std::string to_line(const Error& error, const std::string& hostname) {
    return printable_line("mpi-podman: " + hostname + ": " + shortened(error.message) +
                          (error.hint.empty() ? "" : "; ") + shortened(error.hint)) +
           "\n";
}

int report(const Error& error, const std::string& hostname, const JobDirectory* directory) {
    if (directory == nullptr || directory->is_first_to_say(error.message)) {
        write_all(STDERR_FILENO, to_line(error, hostname));
    }
    return static_cast<int>(error.status);
}

}  // namespace mpi_podman
