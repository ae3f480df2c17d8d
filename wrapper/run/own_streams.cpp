#include "run/own_streams.hpp"

#include <unistd.h>

#include <chrono>
#include <utility>

#include "sys/process.hpp"

namespace mpi_podman {
namespace {

/// In the user namespace of podman's that the container had, 0 is this user: only there is there anybody who
/// may do it.
void give_back(const std::string& podman, int stream, const struct stat& before) {
    constexpr std::chrono::minutes patience{1};
    auto chown = spawn({{podman, "--log-level=error", "unshare", "chown", "0:0", "/proc/self/fd/0"}, stream});
    if (chown && chown->ends_within(patience)) {
        static_cast<void>(::fchown(stream, before.st_uid, before.st_gid));  // a group of the user's
    }
}

}  // namespace

OwnStreams::OwnStreams(std::string podman) : podman_(std::move(podman)) {
    for (const int stream : {STDIN_FILENO, STDOUT_FILENO}) {
        static_cast<void>(::fstat(stream, &before_.at(static_cast<std::size_t>(stream))));
    }
}

OwnStreams::~OwnStreams() {
    for (const int stream : {STDIN_FILENO, STDOUT_FILENO}) {
        const auto& before = before_.at(static_cast<std::size_t>(stream));
        struct stat now {};
        if (before.st_uid == ::geteuid() && ::fstat(stream, &now) == 0 && now.st_ino == before.st_ino &&
            now.st_dev == before.st_dev && now.st_uid != before.st_uid) {
            give_back(podman_, stream, before);
        }
    }
}

}  // namespace mpi_podman
