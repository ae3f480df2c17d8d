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

bool make_base(const std::string& base) {
    std::error_code ignored;
    if (const auto parent = fs::path(base).parent_path(); is_folder_of_hosts(parent)) {
        fs::create_directories(parent.parent_path(), ignored);
        make_directory(parent, 0700);
    }
    return make_private(base) != Made::no;
}

void remove_base(const std::string& base) {
    const auto above = fs::path(base).parent_path();
    if (::rmdir(base.c_str()) == 0 && is_folder_of_hosts(above)) {
        ::rmdir(above.c_str());
    }
}

}  // namespace mpi_podman
