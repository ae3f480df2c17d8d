#include "run/lingering.hpp"

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <chrono>
#include <csignal>
#include <ctime>
#include <filesystem>

#include "run/container.hpp"
#include "run/private_directory.hpp"
#include "run/run_paths.hpp"
#include "sys/process.hpp"
#include "wire/local_socket.hpp"

namespace mpi_podman {
namespace {

namespace fs = std::filesystem;
using namespace std::chrono_literals;

constexpr const char* below_base = "/lingering";

std::vector<std::string> entries_of(const std::string& all) {
    std::vector<std::string> names;
    std::error_code ignored;
    for (const auto& entry : fs::directory_iterator(all, ignored)) {
        names.push_back(entry.path().filename().string());
    }
    std::sort(names.begin(), names.end());
    return names;
}

bool waits(const std::string& entry) { return std::count(entry.begin(), entry.end(), '+') == 1; }

/// By its directory's name, in whatever state.
Lingering lingering_of(const std::string& all, const std::string& entry) {
    const auto plus = std::min(entry.find('+'), entry.size() - 1);
    const auto name = entry.substr(plus + 1);
    return {all, entry.substr(0, plus), name.substr(0, name.find('+'))};
}

/// Its keeper's file is there, and nobody has locked it; or after some time there is none.
bool is_abandoned(const std::string& path) {
    constexpr time_t grace = 60;  // seconds in which a new one's keeper has come
    struct stat info {};
    return keeper_of(path) == 0 && ::lstat(path.c_str(), &info) == 0 &&
           (::access((path + "/" + keeper_lock).c_str(), F_OK) == 0 ||
            info.st_mtime + grace < ::time(nullptr));
}

enum class Stopped { no, ended, in_use };

/// The keeper ends a container that waits at once, and one that is a job's with its job.
Stopped stop(const Lingering& place) {
    const Fd keeper = keeper_process(place.path());
    if (!keeper || !signal_pidfd(keeper, SIGTERM)) {
        return Stopped::no;
    }
    constexpr int looks = 1500;  // of 20 ms: longer than a keeper takes to end what waits
    for (int look = 0; look < looks; ++look) {
        if (ended_within(keeper, 20ms)) {
            return Stopped::ended;
        }
        constexpr int time_to_decide = 50;
        const auto path = place.path();
        if (look > time_to_decide && path.starts_with(place.under_inspection()) &&
            path != place.under_inspection()) {
            return Stopped::in_use;
        }
    }
    return Stopped::no;
}

/// Removes the directory of them all, and those above, where they are empty.
void remove_if_empty(const std::string& all) {
    if (::rmdir(all.c_str()) == 0) {
        remove_base(fs::path(all).parent_path());
    }
}

}  // namespace

std::string Lingering::path() const {
    const auto own = key + "+" + name;
    for (const auto& entry : entries_of(all)) {
        if (entry == own || entry.starts_with(own + "+")) {
            return all + "/" + entry;
        }
    }
    return {};
}

Result<std::string> directory_of_lingering(const std::vector<std::string>& bases) {
    for (const auto& base : bases) {
        // What the last job removes between two steps of ours is made again.
        for (int attempt = 0; attempt < 100; ++attempt) {
            const auto made = make_base(base);
            if (made.empty()) {
                break;
            }
            if (auto path = made + below_base; make_private(path) != Made::no) {
                return path;
            }
        }
    }
    return failure(Status::ours, "no directory of your own for the containers that linger on this node",
                   "set XDG_RUNTIME_DIR to a directory of mode 0700 that you own, or make ~/.cache writable");
}

void make_lingering(const std::string& path) {
    const auto all = fs::path(path).parent_path();
    for (int attempt = 0; attempt < 100 && !make_directory(path, 0700); ++attempt) {
        make_base(all.parent_path());
        make_private(all);
    }
}

std::string take_lingering(const std::string& all, const std::string& key, const std::string& job) {
    for (const auto& entry : entries_of(all)) {
        auto taken = all + "/" + entry + "+" + job;
        if (waits(entry) && entry.starts_with(key + "+") &&
            ::rename((all + "/" + entry).c_str(), taken.c_str()) == 0) {
            return taken;
        }
    }
    return {};
}

bool is_one_inspected(const std::string& all, const std::string& key) {
    const auto entries = entries_of(all);
    return std::any_of(entries.begin(), entries.end(), [&](const std::string& entry) {
        return entry.starts_with(key + "+") && entry.ends_with('+');
    });
}

pid_t keeper_of(const std::string& path) {
    const Fd file(::open((path + "/" + keeper_lock).c_str(), O_RDWR | O_NOFOLLOW | O_CLOEXEC));
    struct flock lock {};
    lock.l_type = F_WRLCK;
    lock.l_whence = SEEK_SET;
    const bool held = file && ::fcntl(file.get(), F_GETLK, &lock) == 0 && lock.l_type != F_UNLCK;
    return held ? lock.l_pid : 0;
}

Fd keeper_process(const std::string& path) {
    const pid_t pid = keeper_of(path);
    Fd process = pid > 0 ? pidfd_of(pid) : Fd{};
    return process && keeper_of(path) == pid ? std::move(process) : Fd{};
}

void remove_lingering(const std::string& path) {
    std::error_code ignored;
    fs::remove_all(path, ignored);
    remove_if_empty(fs::path(path).parent_path());
}

void sweep_lingering(const std::string& all, const std::string& podman) {
    for (const auto& entry : entries_of(all)) {
        // One whose job goes on has its agent; then conmon removes the container, unless it was killed too.
        const auto path = all + "/" + entry;
        if (is_abandoned(path) && !connect_in(path, agent_socket) && nobody_listens()) {
            const auto name = lingering_of(all, entry).name;
            const auto id_file = id_file_in(path, name);
            const auto told = run_paths_told(id_file);
            // Where it is not removed, whoever comes next tries again.
            if (remove_container(podman, name, {}, id_told(id_file))) {
                remove_lingering(path);
                remove_run_paths(podman, told);
            }
        }
    }
}

std::string stop_lingering(const std::string& base, const std::string& podman) {
    const auto all = base + below_base;
    std::string said;
    sweep_lingering(all, podman);
    for (const auto& entry : entries_of(all)) {
        const auto place = lingering_of(all, entry);
        const auto stopped = stop(place);
        if (stopped != Stopped::no) {
            said +=
                place.name + (stopped == Stopped::ended ? " ended\n" : " is in use and ends with its job\n");
        }
    }
    remove_if_empty(all);
    return said;
}

}  // namespace mpi_podman
