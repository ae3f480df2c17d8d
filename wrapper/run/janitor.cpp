#include "run/janitor.hpp"

#include <fcntl.h>
#include <poll.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <filesystem>
#include <vector>

#include "run/container.hpp"
#include "sys/process.hpp"

namespace mpi_podman {
namespace {

namespace fs = std::filesystem;

constexpr const char* note_extension = ".container";
constexpr const char* unclean = "/unclean";

struct Members {
    std::int64_t came = 0, left = 0;
};

Members members_of(const std::string& path) {
    const auto marks = read_file(path + "/" + members).value_or("");
    return {std::count(marks.begin(), marks.end(), '+'), std::count(marks.begin(), marks.end(), '-')};
}

std::vector<std::string> notes_in(const std::string& path) {
    std::vector<std::string> notes;
    std::error_code ignored;
    for (const auto& entry : fs::directory_iterator(path, ignored)) {
        if (entry.path().extension() == note_extension) {
            notes.push_back(read_file(entry.path().string()).value_or(""));
        }
    }
    return notes;
}

/// A container of its own podman's conmon removes; not so where conmon was killed, nor where another
/// container was in its linux namespaces still (podman-rm(1)), nor, for sure, one that was being started when
/// the ranks died.
bool podman_may_need(const std::string& path) {
    const auto known = members_of(path);
    return known.came > known.left || notes_in(path).size() > 1 ||
           ::access((path + unclean).c_str(), F_OK) == 0;
}

void remove_containers(const std::string& path) {
    for (const auto& note : notes_in(path)) {
        if (const auto line = note.find('\n'); line != std::string::npos) {
            remove_container(note.substr(0, line), note.substr(line + 1));
        }
    }
}

void remove_directories(const std::string& base, const std::string& path) {
    std::error_code ignored;
    fs::remove_all(path, ignored);
    const auto above = fs::path(base).parent_path();
    if (::rmdir(base.c_str()) == 0 && is_folder_of_hosts(above)) {
        ::rmdir(above.c_str());
    }
}

bool is_unlinked(const Fd& file) {
    struct stat info {};
    return ::fstat(file.get(), &info) != 0 || info.st_nlink == 0;
}

/// Waits for the last member's end, by the lock that each of them holds.
void keep_clean(const std::string& base, const std::string& path, std::uint32_t local_size,
                const Fd& launcher) {
    constexpr int look_again = 1000;  // milliseconds, while ranks are still to come
    const Fd membership(::open((path + "/" + members).c_str(), O_RDWR | O_NOFOLLOW | O_CLOEXEC));
    while (membership && ::flock(membership.get(), LOCK_EX) == 0 && !is_unlinked(membership)) {
        pollfd ended{launcher.get(), POLLIN, 0};
        const bool no_more_will_come = !launcher || ::poll(&ended, 1, 0) == 1;
        if (no_more_will_come || members_of(path).came >= local_size) {
            if (podman_may_need(path)) {
                remove_containers(path);
            }
            return remove_directories(base, path);
        }
        ::flock(membership.get(), LOCK_UN);
        ::poll(&ended, 1, look_again);
    }
}

}  // namespace

bool is_folder_of_hosts(const std::string& folder) { return fs::path(folder).filename() == "mpi-podman"; }

Result<void> note_container(const std::string& path, const std::string& podman, const std::string& name) {
    return write_file(path + "/" + name + note_extension, podman + "\n" + name);
}

void note_unclean(const std::string& path) { static_cast<void>(write_file(path + unclean, "")); }

void remove_if_abandoned(const std::string& base, const std::string& path, const Fd& membership,
                         std::uint32_t local_size) {
    if (members_of(path).came >= local_size && ::flock(membership.get(), LOCK_EX | LOCK_NB) == 0 &&
        !podman_may_need(path)) {
        remove_directories(base, path);
    }
    ::flock(membership.get(), LOCK_UN);
}

Result<void> post_janitor(const std::string& base, const std::string& path, std::uint32_t local_size) {
    const Fd launcher = pidfd_of(::getppid());
    return fork_apart("job-janitor", [&] { keep_clean(base, path, local_size, launcher); }, {launcher.get()});
}

}  // namespace mpi_podman
