#include "inspect/podman_runtime.hpp"

#include <sys/stat.h>
#include <unistd.h>

#include <cstdlib>

namespace mpi_podman {
namespace {

bool is_private(const std::string& directory, uid_t user) {
    struct stat info {};
    return ::lstat(directory.c_str(), &info) == 0 && S_ISDIR(info.st_mode) && info.st_uid == user &&
           (info.st_mode & 0777U) == 0700U;
}

/// Podman's note of the process that keeps its user namespace.
bool holds_a_namespace(const std::string& directory, uid_t user) {
    struct stat info {};
    return is_private(directory, user) &&
           ::lstat((directory + "/libpod/tmp/pause.pid").c_str(), &info) == 0 && S_ISREG(info.st_mode);
}

}  // namespace

std::optional<std::string> podman_runtime_directory(const std::string& run, const std::string& temporary,
                                                    uid_t user) {
    const auto id = std::to_string(user);
    if (const auto of_session = run + "/user/" + id; is_private(of_session, user)) {
        return of_session;
    }
    const auto of_podman_4 = temporary + "/podman-run-" + id;
    const auto of_podman_5 = temporary + "/storage-run-" + id;
    const bool by_4 = holds_a_namespace(of_podman_4, user);
    const bool by_5 = holds_a_namespace(of_podman_5, user);
    return by_4 == by_5 ? std::nullopt : std::optional(by_4 ? of_podman_4 : of_podman_5);
}

std::optional<std::string> podman_runtime_directory(uid_t user) {
    const char* temporary = std::getenv("TMPDIR");
    return podman_runtime_directory("/run", temporary != nullptr ? temporary : "/tmp", user);
}

void tell_podman_its_runtime_directory(uid_t user) {
    constexpr const char* name = "XDG_RUNTIME_DIR";
    const char* told = std::getenv(name);
    const bool is_told = told != nullptr && *told != '\0';
    if (user == 0 || (is_told && ::access(told, F_OK) == 0)) {
        return;
    }
    if (const auto directory = podman_runtime_directory(user)) {
        ::setenv(name, directory->c_str(), 1);
    } else if (is_told) {
        ::unsetenv(name);
    }
}

}  // namespace mpi_podman
