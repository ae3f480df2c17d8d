/// The files that a rank has for stdin and stdout stay its user's.
#pragma once

#include <sys/stat.h>

#include <array>
#include <string>

namespace mpi_podman {

/// crun gives stdin and stdout to root of the container while it sets it up, and back to the rank's user when
/// it starts the rank (crun 1.x, maybe_chown_std_streams). Where it fails or is killed between, a rootless
/// user's own file belongs to one of his subordinate ids. This gives it back in the end.
class OwnStreams {
public:
    /// Looks who has them now.
    explicit OwnStreams(std::string podman);
    OwnStreams(const OwnStreams&) = delete;
    OwnStreams& operator=(const OwnStreams&) = delete;
    /// Gives back what is somebody else's by now.
    ~OwnStreams();

private:
    std::string podman_;
    std::array<struct stat, 2> before_{};
};

}  // namespace mpi_podman
