#include "rootfs/layer.hpp"

#include <dirent.h>
#include <fcntl.h>
#include <linux/openat2.h>
#include <sys/stat.h>
#include <sys/xattr.h>
#include <unistd.h>

#include <memory>
#include <string_view>

namespace mpi_podman {
namespace {

constexpr std::string_view whiteout = ".wh.";

bool is_marked(const std::string& directory, const char* attribute) {
    char value = 0;
    return ::lgetxattr(directory.c_str(), attribute, &value, 1) == 1 && value == 'y';
}

bool exists(const std::string& path) {
    return ::faccessat(AT_FDCWD, path.c_str(), F_OK, AT_SYMLINK_NOFOLLOW) == 0;
}

bool is_whiteout(const struct stat& info) { return S_ISCHR(info.st_mode) && info.st_rdev == 0; }

struct CloseDirectory {
    void operator()(DIR* directory) const { ::closedir(directory); }
};

}  // namespace

/// Rootless overlay mounts keep their marks in user.*, as only root may write trusted.* (overlayfs,
/// userxattr); fuse-overlayfs has an attribute and a file of its own.
bool is_opaque(const std::string& directory) {
    return is_marked(directory, "user.overlay.opaque") || is_marked(directory, "trusted.overlay.opaque") ||
           is_marked(directory, "user.fuseoverlayfs.opaque") || exists(directory + "/.wh..wh..opq");
}

LayerSays what_layer_says(const std::string& directory, const std::string& name) {
    const auto path = directory + "/" + name;
    struct stat info {};
    if (::lstat(path.c_str(), &info) != 0) {
        const auto mark = directory + "/" + std::string(whiteout) + name;
        return !directory.empty() && exists(mark) ? LayerSays::gone : LayerSays::nothing;
    }
    if (is_whiteout(info)) {
        return LayerSays::gone;
    }
    return S_ISDIR(info.st_mode) ? LayerSays::directory : LayerSays::file;
}

LayerEntries entries_of_layer(const std::string& directory) {
    LayerEntries entries;
    const std::unique_ptr<DIR, CloseDirectory> open(::opendir(directory.empty() ? "/" : directory.c_str()));
    while (const dirent* entry = open ? ::readdir(open.get()) : nullptr) {
        const std::string_view name = &entry->d_name[0];
        struct stat info {};
        const bool device = entry->d_type == DT_CHR || entry->d_type == DT_UNKNOWN;
        if (name.starts_with(whiteout)) {
            entries.gone.emplace_back(name.substr(whiteout.size()));
        } else if (device &&
                   ::fstatat(::dirfd(open.get()), &entry->d_name[0], &info, AT_SYMLINK_NOFOLLOW) == 0 &&
                   is_whiteout(info)) {
            entries.gone.emplace_back(name);
        } else if (name != "." && name != "..") {
            entries.present.emplace_back(name);
        }
    }
    return entries;
}

Fd open_below(const std::string& root, const std::string& below) {
    constexpr int how_to_read = O_RDONLY | O_NONBLOCK | O_NOCTTY;
    if (below.empty()) {
        return Fd(::open(root.c_str(), how_to_read | O_CLOEXEC | O_NOFOLLOW));
    }
    const Fd base(::open(root.empty() ? "/" : root.c_str(), O_PATH | O_DIRECTORY | O_CLOEXEC));
    return open_resolved(base.get(), below.substr(below.find_first_not_of('/')), how_to_read,
                         RESOLVE_NO_SYMLINKS | RESOLVE_BENEATH);
}

}  // namespace mpi_podman
