#include "run/report.hpp"

#include <unistd.h>

#include "sys/printable.hpp"

namespace mpi_podman {

std::string to_line(const Error& error, const std::string& hostname) {
    return printable_line("mpi-podman: " + hostname + ": " + error.message +
                          (error.hint.empty() ? "" : "; ") + error.hint) +
           "\n";
}

int report(const Error& error, const std::string& hostname, const JobDirectory* directory) {
    if (directory == nullptr || directory->is_first_to_say(error.message)) {
        write_all(STDERR_FILENO, to_line(error, hostname));
    }
    return static_cast<int>(error.status);
}

}  // namespace mpi_podman
