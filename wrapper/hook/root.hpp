/// The container's root as the hook acts on it: what the image says by its links never leads out of it, and
/// nothing is made in a file system that is not the container's own.
#pragma once

#include <string>
#include <vector>

#include "hook/plan.hpp"
#include "sys/fd.hpp"
#include "sys/result.hpp"

namespace mpi_podman {

class Root {
public:
    /// `tmpfs` are the places where the container has one of its own. Fails where `path` is no directory, or
    /// this host's root.
    static Result<Root> open(const std::string& path, std::vector<std::string> tmpfs);

    [[nodiscard]] const std::string& path() const { return path_; }

    /// O_PATH on what is at `path`, every link resolved inside (openat2(2), RESOLVE_IN_ROOT); empty, with
    /// errno, where nothing is.
    [[nodiscard]] Fd at(const std::string& path) const;

    /// Mounts a file or directory of this host, making the place where nothing is: an empty file, or
    /// directory.
    [[nodiscard]] Result<void> mount(const HookMount& mount) const;
    /// A tree from open_tree(2), with OPEN_TREE_CLONE, over what is at `path`.
    [[nodiscard]] Result<void> put(const Fd& tree, const std::string& path) const;

    /// Makes a link in place of one that is there.
    [[nodiscard]] Result<void> link(const HookLink& link) const;

private:
    Root(std::string path, Fd directory, std::vector<std::string> tmpfs)
        : path_(std::move(path)), directory_(std::move(directory)), tmpfs_(std::move(tmpfs)) {}

    /// The directory that `path` is made in, made itself where it is missing; empty, with errno, where that
    /// would be in a file system that others have too.
    [[nodiscard]] Fd directory_for(const std::string& path) const;
    [[nodiscard]] Fd own_directory(const std::string& path) const;
    [[nodiscard]] bool make(const std::string& path, bool is_directory) const;

    std::string path_;
    Fd directory_;
    std::vector<std::string> tmpfs_;
};

/// A copy of the mounts at a path of this host, for Root::put(); read-only, without devices and setuid where
/// asked for. Fails in words.
Result<Fd> tree_of(const std::string& path, bool read_only);

}  // namespace mpi_podman
