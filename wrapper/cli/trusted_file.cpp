#include "cli/trusted_file.hpp"

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <filesystem>

#include "sys/fd.hpp"

namespace mpi_podman {
namespace {

namespace fs = std::filesystem;

/// Members of the user's own group may be those whom the user lets work in the same files (umask 002).
bool is_changed_by_others(const struct stat& info) {
    const mode_t others = info.st_gid == ::getegid() ? S_IWOTH : S_IWOTH | S_IWGRP;
    return (info.st_mode & others) != 0;
}

/// The first directory above in which anybody may rename what is not theirs; empty: none. Whose the
/// directories are is not asked: homes lie below many.
fs::path open_to_all_above(const fs::path& file) {
    for (auto at = file.parent_path(); at.has_relative_path(); at = at.parent_path()) {
        struct stat info {};
        if (::stat(at.c_str(), &info) != 0 ||
            ((info.st_mode & S_IWOTH) != 0 && (info.st_mode & S_ISVTX) == 0)) {
            return at;
        }
    }
    return {};
}

tl::unexpected<Error> not_trusted(const std::string& what, const std::string& file, const std::string& hint) {
    return failure(Status::ours, what + ", and " + file + " says what is run", hint);
}

}  // namespace

Result<std::string> read_trusted(const std::string& file) {
    const Fd open(::open(file.c_str(), O_RDONLY | O_CLOEXEC | O_NONBLOCK));
    struct stat info {};
    if (!open || ::fstat(open.get(), &info) != 0) {
        return failure(Status::ours, file + ": " + errno_text());
    }
    if (!S_ISREG(info.st_mode) && !S_ISDIR(info.st_mode)) {
        return std::string();  // /dev/null, for one
    }
    const auto real = "/proc/self/fd/" + std::to_string(open.get());
    if (info.st_uid != 0 && info.st_uid != ::geteuid()) {
        return not_trusted(file + " is another user's", file, "name one of your own: XDG_CONFIG_HOME, HOME");
    }
    if (is_changed_by_others(info)) {
        return not_trusted("others may write to " + file, file, "chmod go-w " + file);
    }
    std::error_code why;
    if (const auto above = open_to_all_above(fs::read_symlink(real, why)); !above.empty()) {
        return not_trusted("anybody may write to " + above.string(), file, "chmod o-w " + above.string());
    }
    return read_file(real);
}

}  // namespace mpi_podman
