#include "run/announcement.hpp"

#include <sys/inotify.h>
#include <unistd.h>

#include <array>
#include <charconv>

namespace mpi_podman {

Result<Announcement> Announcement::expect(const JobDirectory& directory) {
    const auto place = directory.path() + "/rank-" + std::to_string(::getpid());
    Fd watch(::inotify_init1(IN_CLOEXEC | IN_NONBLOCK));
    if (!make_directory(place, 0700) || !watch ||
        ::inotify_add_watch(watch.get(), place.c_str(), IN_CLOSE_WRITE | IN_MOVED_TO) < 0) {
        return failure(Status::ours, "cannot watch " + place + ": " + errno_text(),
                       "raise fs.inotify.max_user_instances, or make room there");
    }
    return Announcement(place + "/pid", std::move(watch));
}

Container Announcement::read() {
    std::array<char, 4096> events;  // NOLINT(cppcoreguidelines-pro-type-member-init): only emptied
    while (::read(watch_.get(), events.data(), events.size()) > 0) {
        written_ = true;
    }
    pid_t pid = 0;
    if (const auto text = read_file(pidfile_)) {
        std::from_chars(text->data(), text->data() + text->size(), pid);
    }
    seen_ = seen_ || pid > 0;
    return pid > 0 ? Container::of_rank(pid) : Container{};
}

}  // namespace mpi_podman
