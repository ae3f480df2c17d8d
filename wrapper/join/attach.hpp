/// The host's files in a container that was there before them: what a launcher made for its job (session
/// directories) comes into a container that lingers with each rank, and goes with it.
#pragma once

#include <sys/types.h>

#include <string>
#include <vector>

#include "sys/fd.hpp"

namespace mpi_podman {

/// Mounts of host paths at the same paths, in a mount linux namespace of this process's own: a copy of the
/// container's, so that the container itself never has them. Made before fork; the two steps allocate
/// nothing.
class Attachments {
public:
    /// `conmon`, a pidfd, is the container's: it sees the host's files as podman does, and owns the right to
    /// mount them; which of its namespaces are to be entered for that, as flags of setns(2). `hidden` are
    /// directories below the paths that are to be empty there. What is made in the container to mount on is
    /// a line written to `made`; -1: nowhere.
    Attachments(const std::vector<std::string>& paths, std::vector<std::string> hidden, Fd conmon,
                int namespaces, int made);

    /// On the host's side: enters conmon's user and mount namespaces, and takes hold of each path
    /// (open_tree(2)). False, with errno, where that cannot be.
    bool take() noexcept;

    /// On the container's side, once its namespaces are entered: mounts them (move_mount(2)); makes the
    /// directories that are missing there.
    bool put() noexcept;

private:
    struct Path {
        std::string path;
        std::vector<std::string> parents;  ///< from the topmost down
        int tree = -1;                     ///< close-on-exec; this process ends in an exec or _exit
    };
    void note(const std::string& path) const noexcept;
    [[nodiscard]] bool make_directory(const std::string& path) const noexcept;
    [[nodiscard]] bool make_place(const Path& one) const noexcept;

    std::vector<Path> paths_;
    std::vector<std::string> hidden_;
    int made_;
    Fd conmon_;
    int namespaces_;
};

}  // namespace mpi_podman
