#include "run/conmon.hpp"

#include <charconv>
#include <filesystem>

#include "sys/fd.hpp"

namespace mpi_podman {

std::string conmon_option(pid_t conmon, std::string_view option) {
    const auto words = read_file("/proc/" + std::to_string(conmon) + "/cmdline").value_or("");
    const std::string wanted = std::string(1, '\0') + std::string(option) + std::string(1, '\0');
    const auto at = words.find(wanted);
    return at == std::string::npos ? std::string{} : std::string(words.c_str() + at + wanted.size());
}

pid_t conmon_of(const std::string& container) {
    std::error_code ignored;
    for (const auto& entry : std::filesystem::directory_iterator("/proc", ignored)) {
        const auto name = entry.path().filename().string();
        pid_t pid = 0;
        std::from_chars(name.data(), name.data() + name.size(), pid);
        if (pid > 0 && read_file(entry.path().string() + "/comm").value_or("") == "conmon\n" &&
            conmon_option(pid, "-n") == container) {
            return pid;
        }
    }
    return 0;
}

}  // namespace mpi_podman
