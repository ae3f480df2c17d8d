/// How a rank's wrapper learns that its container runs.
#pragma once

#include <string>

#include "run/container.hpp"
#include "run/job_directory.hpp"
#include "sys/fd.hpp"
#include "sys/result.hpp"

namespace mpi_podman {

/// A directory of this rank's own, in which podman announces the container by writing its pid
/// (podman-run(1), --pidfile).
class Announcement {
public:
    /// Makes and watches it; fails where the user may have no more inotify instances, or there is no room.
    static Result<Announcement> expect(const JobDirectory& directory);

    [[nodiscard]] const std::string& pidfile() const { return pidfile_; }
    /// Becomes readable when something is written there.
    [[nodiscard]] int fd() const { return watch_.get(); }
    /// The container, once the pid is written; empty before.
    Container read();
    /// Whether podman got as far as making the container.
    [[nodiscard]] bool seen() const { return seen_; }
    /// Whether it wrote there at all, though nobody could read a pid: none fits where there is no room.
    [[nodiscard]] bool written() const { return written_; }

private:
    Announcement(std::string pidfile, Fd watch) : pidfile_(std::move(pidfile)), watch_(std::move(watch)) {}
    std::string pidfile_;
    Fd watch_;
    bool seen_ = false, written_ = false;
};

}  // namespace mpi_podman
