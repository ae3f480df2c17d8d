#include "run/private_directory.hpp"

#include <fcntl.h>
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

/// Whether that holds of a directory and all above it; a path without symbolic links.
bool is_out_of_reach(const fs::path& directory) {
    for (auto at = directory; keeps_its_entries(at); at = at.parent_path()) {
        if (!at.has_relative_path()) {
            return true;
        }
    }
    return false;
}

}  // namespace

Made make_private(const std::string& path) {
    const bool now = make_directory(path, 0700);
    if (!now && errno != EEXIST) {
        return Made::no;
    }
    const Fd directory(::open(path.c_str(), O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC));
    struct stat info {};
    const bool ours = directory && ::fstat(directory.get(), &info) == 0 && info.st_uid == ::geteuid() &&
                      (info.st_mode & 077U) == 0;
    return !ours ? Made::no : now ? Made::now : Made::before;
}

std::string make_base(const std::string& base) {
    std::error_code why;
    const fs::path path(base);
    auto above = path.parent_path();
    if (is_folder_of_hosts(above)) {
        fs::create_directories(above.parent_path(), why);
        const auto cache = fs::canonical(above.parent_path(), why);
        above = cache / above.filename();
        if (why || !is_out_of_reach(cache) || make_private(above) == Made::no) {
            return {};
        }
    }
    const auto real = fs::canonical(above, why);
    const auto made = (real / path.filename()).string();
    return !why && is_out_of_reach(real) && make_private(made) != Made::no ? made : std::string();
}

void remove_base(const std::string& base) {
    const auto above = fs::path(base).parent_path();
    if (::rmdir(base.c_str()) == 0 && is_folder_of_hosts(above)) {
        ::rmdir(above.c_str());
    }
}

}  // namespace mpi_podman
