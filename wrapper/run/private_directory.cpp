#include "run/private_directory.hpp"

#include <fcntl.h>
#include <linux/openat2.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>
#include <filesystem>

#include "sys/fd.hpp"

namespace mpi_podman {
namespace {

namespace fs = std::filesystem;

bool is_folder_of_hosts(const fs::path& folder) { return folder.filename() == "mpi-podman"; }

/// Whether only root and this user can rename what is in this directory. Group-writable directories of our
/// own are those of systems where each user has a group.
bool keeps_its_entries(const fs::path& directory) {
    struct stat info {};
    if (::lstat(directory.c_str(), &info) != 0 || !S_ISDIR(info.st_mode)) {
        return false;
    }
    const bool ours = info.st_uid == ::geteuid();
    const mode_t others = ours ? S_IWOTH : S_IWOTH | S_IWGRP;
    return (ours || info.st_uid == 0) && ((info.st_mode & others) == 0 || (info.st_mode & S_ISVTX) != 0);
}

/// Lets the root of a rank's container through this directory, to hide what is below it (run/hidden.hpp).
/// Over one that is this user's and another group's it has no power, as that group is not in its user
/// namespace (user_namespaces(7), "Capabilities"): so slurmd makes those of its PMIx server. Where the group
/// has no part in it, it becomes ours.
bool let_containers_through(const fs::path& directory) {
    struct stat info {};
    if (::lstat(directory.c_str(), &info) != 0) {
        return false;
    }
    const gid_t ours = ::getegid();
    return info.st_uid != ::geteuid() || info.st_gid == ours || (info.st_mode & S_IXOTH) != 0 ||
           ((info.st_mode & S_IRWXG) == 0 && ::lchown(directory.c_str(), info.st_uid, ours) == 0);
}

/// Whether that holds of a directory and all above it; a path without symbolic links.
bool is_out_of_reach(const fs::path& directory) {
    for (auto at = directory; keeps_its_entries(at); at = at.parent_path()) {
        if (!at.has_relative_path()) {
            return true;
        }
    }
    return false;
}

/// Whether a base may be in it.
bool is_usable(const fs::path& directory) {
    return is_out_of_reach(directory) && let_containers_through(directory);
}

/// Opens a directory; not where any part of its path is a symbolic link (openat2(2)).
Fd open_without_links(const std::string& path) {
    return open_resolved(AT_FDCWD, path, O_RDONLY | O_DIRECTORY, RESOLVE_NO_SYMLINKS);
}

/// A directory and all above it that is missing, for this user alone, whatever the umask: what one that
/// leaves all open would make is not out of reach.
bool make_all(const fs::path& path) {
    struct stat info {};
    if (::stat(path.c_str(), &info) == 0) {
        return S_ISDIR(info.st_mode);
    }
    return path.has_relative_path() && make_all(path.parent_path()) &&
           (make_directory(path, S_IRWXU) || errno == EEXIST);
}

}  // namespace

Made make_private(const std::string& path, Missing missing) {
    const bool now = missing == Missing::is_made && make_directory(path, 0700);
    if (!now && missing == Missing::is_made && errno != EEXIST) {
        return Made::no;
    }
    const Fd directory = open_without_links(path);
    // Without a file descriptor left it is looked at by name: whoever joins then fails at the next, and says
    // so.
    const bool none_left = !directory && (errno == EMFILE || errno == ENFILE);
    struct stat info {};
    const bool seen = directory ? ::fstat(directory.get(), &info) == 0
                                : none_left && ::lstat(path.c_str(), &info) == 0 && S_ISDIR(info.st_mode);
    // One that others may read may be a mount point that podman made (run/hidden.hpp); in one that they may
    // write to there may be anything.
    const bool ours = seen && info.st_uid == ::geteuid() && (info.st_mode & 022U) == 0 &&
                      ((info.st_mode & 055U) == 0 || ::fchmod(directory.get(), S_IRWXU) == 0);
    if (!ours && now) {
        const int why = errno;
        ::rmdir(path.c_str());
        errno = why;
    }
    return !ours ? Made::no : now ? Made::now : Made::before;
}

namespace {

/// The folder of hosts, without links; empty where there can be none, or another job, which was the last in
/// it, removes it between two steps of ours.
fs::path make_folder_of_hosts(const fs::path& folder) {
    std::error_code why;
    make_all(folder.parent_path());
    const auto cache = fs::canonical(folder.parent_path(), why);
    auto made = cache / folder.filename();
    const bool there = !why && is_usable(cache) && make_private(made) != Made::no;
    return there ? made : fs::path();
}

}  // namespace

std::string make_base(const std::string& base, Missing missing) {
    constexpr int most_attempts = 100;  // another job removes what it was the last in
    const fs::path path(base);
    const bool in_folder = missing == Missing::is_made && is_folder_of_hosts(path.parent_path());
    bool again = true;
    for (int attempt = 0; again && attempt < most_attempts; ++attempt) {
        std::error_code why;
        errno = 0;
        const auto above = in_folder ? make_folder_of_hosts(path.parent_path()) : path.parent_path();
        const auto real = above.empty() ? above : fs::canonical(above, why);
        auto made = (real / path.filename()).string();
        const bool usable = !real.empty() && !why && is_usable(real);
        if (usable && make_private(made, missing) != Made::no) {
            return made;
        }
        again = missing == Missing::is_made && (usable || in_folder) && errno == ENOENT;
        if (in_folder && !above.empty()) {
            ::rmdir(above.c_str());  // made for nothing, unless other hosts are in it
        }
    }
    return {};
}

void remove_base(const std::string& base) {
    const auto above = fs::path(base).parent_path();
    // Another that removes it too may have been in the way of the folder.
    if ((::rmdir(base.c_str()) == 0 || errno == ENOENT) && is_folder_of_hosts(above)) {
        ::rmdir(above.c_str());
    }
}

}  // namespace mpi_podman
