#include "hook/root.hpp"

#include <fcntl.h>
#include <linux/openat2.h>
#include <sys/mount.h>
#include <sys/stat.h>
#include <sys/vfs.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>

#include "abi/library.hpp"

namespace mpi_podman {
namespace {

constexpr std::uint64_t tmpfs_type = 0x01021994;  // statfs(2), TMPFS_MAGIC

Fd open_in(const Fd& directory, const std::string& path, std::uint64_t flags, std::uint64_t resolve,
           mode_t mode = 0) {
    return open_resolved(directory.get(), path.empty() ? "." : path, flags, resolve | RESOLVE_NO_MAGICLINKS,
                         mode);
}

std::string name_of(const std::string& path) { return std::string(name_in(path)); }

bool is_directory(const Fd& file) {
    struct stat info {};
    return ::fstat(file.get(), &info) == 0 && S_ISDIR(info.st_mode);
}

bool is_tmpfs(const Fd& directory) {
    struct statfs info {};
    return ::fstatfs(directory.get(), &info) == 0 && static_cast<std::uint64_t>(info.f_type) == tmpfs_type;
}

tl::unexpected<Error> cannot(const std::string& what, const std::string& path) {
    const auto why = errno_text();
    const bool read_only = errno == EROFS;
    const bool elsewhere = errno == EXDEV;
    return failure(
        Status::ours,
        what + " " + path + " of the container: " +
            (elsewhere ? "that is in a file system mounted there, which is not the container's own" : why),
        read_only   ? "start it without --read-only, or with an image that has this path"
        : elsewhere ? "mount nothing over the image's library directories, or choose another path"
                    : "leave the hook off to run it without the host's MPI");
}

}  // namespace

Result<Root> Root::open(const std::string& path, std::vector<std::string> tmpfs) {
    Fd directory(::open(path.c_str(), O_PATH | O_DIRECTORY | O_CLOEXEC));
    struct stat theirs {};
    struct stat ours {};
    if (!directory || ::fstat(directory.get(), &theirs) != 0 || ::stat("/", &ours) != 0) {
        return failure(Status::ours, "the container's root " + path + " cannot be opened: " + errno_text(),
                       R"(have the hook called at the stage "createContainer" or "prestart")");
    }
    if (theirs.st_dev == ours.st_dev && theirs.st_ino == ours.st_ino) {
        return failure(Status::ours, "the container's root " + path + " is this host's own",
                       "have the hook called before pivot_root(2): at the stage \"createContainer\"");
    }
    return Root(path, std::move(directory), std::move(tmpfs));
}

Fd Root::at(const std::string& path) const { return open_in(directory_, path, O_PATH, RESOLVE_IN_ROOT); }

Fd Root::own_directory(const std::string& path) const {
    constexpr auto flags = O_PATH | O_DIRECTORY;
    auto found = open_in(directory_, path, flags, RESOLVE_IN_ROOT | RESOLVE_NO_XDEV);
    if (found || errno != EXDEV) {
        return found;
    }
    for (const auto& place : tmpfs_) {
        if (path != place && !path.starts_with(place + "/")) {
            continue;
        }
        const auto top = open_in(directory_, place, flags, RESOLVE_IN_ROOT);
        if (top && is_tmpfs(top)) {
            const auto below = path == place ? std::string{} : path.substr(place.size() + 1);
            return open_in(top, below, flags, RESOLVE_BENEATH | RESOLVE_NO_SYMLINKS | RESOLVE_NO_XDEV);
        }
    }
    errno = EXDEV;
    return {};
}

Fd Root::directory_for(const std::string& path) const {
    const auto parent = directory_of(path);
    auto found = own_directory(parent);
    if (found || errno != ENOENT || parent.empty()) {
        return found;
    }
    const auto above = directory_for(parent);
    if (!above || (::mkdirat(above.get(), name_of(parent).c_str(), 0755) != 0 && errno != EEXIST)) {
        return {};
    }
    return own_directory(parent);
}

bool Root::make(const std::string& path, bool is_directory) const {
    const auto parent = directory_for(path);
    if (!parent) {
        return false;
    }
    if (is_directory) {
        return ::mkdirat(parent.get(), name_of(path).c_str(), 0755) == 0;
    }
    const auto resolve = RESOLVE_BENEATH | RESOLVE_NO_SYMLINKS;
    return static_cast<bool>(open_in(parent, name_of(path), O_RDONLY | O_CREAT | O_EXCL, resolve, 0644));
}

Result<void> Root::put(const Fd& tree, const std::string& path) const {
    const auto place = at(path);
    if (!place || ::move_mount(tree.get(), "", place.get(), "",
                               MOVE_MOUNT_F_EMPTY_PATH | MOVE_MOUNT_T_EMPTY_PATH) != 0) {
        return cannot("cannot mount at", path);
    }
    return {};
}

Result<void> Root::mount(const HookMount& mount) const {
    auto tree = tree_of(mount.source, mount.read_only);
    if (!tree) {
        return failure(tree.error());
    }
    if (!at(mount.target) && (errno != ENOENT || !make(mount.target, is_directory(*tree)))) {
        return cannot("cannot make", mount.target);
    }
    return put(*tree, mount.target);
}

Result<void> Root::link(const HookLink& link) const {
    const auto parent = directory_for(link.path);
    const auto name = name_of(link.path);
    struct stat info {};
    const bool is_link = parent && ::fstatat(parent.get(), name.c_str(), &info, AT_SYMLINK_NOFOLLOW) == 0 &&
                         S_ISLNK(info.st_mode);
    if (!parent || (is_link && ::unlinkat(parent.get(), name.c_str(), 0) != 0) ||
        ::symlinkat(link.target.c_str(), parent.get(), name.c_str()) != 0) {
        return cannot("cannot make the link", link.path);
    }
    return {};
}

Result<Fd> tree_of(const std::string& path, bool read_only) {
    const Fd source(::open(path.c_str(), O_PATH | O_CLOEXEC));
    const unsigned below = source && is_directory(source) ? AT_RECURSIVE : 0;
    Fd tree(::open_tree(source.get(), "", AT_EMPTY_PATH | OPEN_TREE_CLONE | OPEN_TREE_CLOEXEC | below));
    mount_attr attributes{};
    attributes.attr_set = MOUNT_ATTR_RDONLY | MOUNT_ATTR_NOSUID | MOUNT_ATTR_NODEV;
    if (!tree || (read_only && ::mount_setattr(tree.get(), "", AT_EMPTY_PATH | below, &attributes,
                                               sizeof attributes) != 0)) {
        return failure(Status::ours, "cannot take hold of the host's " + path + ": " + errno_text(),
                       "the hook needs the rights of the container's runtime, and Linux 5.12");
    }
    return tree;
}

}  // namespace mpi_podman
