#include "run/lingering.hpp"

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <chrono>
#include <csignal>
#include <ctime>
#include <filesystem>

#include "run/private_directory.hpp"
#include "sys/process.hpp"

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

std::string name_in(const std::string& entry) {
    const auto name = entry.substr(std::min(entry.find('+'), entry.size() - 1) + 1);
    return name.substr(0, name.find('+'));
}

/// True where the container waited for a job and is gone now.
bool end_by_keeper(const std::string& path, bool waiting) {
    const Fd keeper = pidfd_of(keeper_of(path));
    signal_pidfd(keeper, SIGTERM);
    return waiting && ended_within(keeper, 30s);
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

pid_t keeper_of(const std::string& path) {
    const Fd file(::open((path + "/" + keeper_lock).c_str(), O_RDWR | O_NOFOLLOW | O_CLOEXEC));
    struct flock lock {};
    lock.l_type = F_WRLCK;
    lock.l_whence = SEEK_SET;
    const bool held = file && ::fcntl(file.get(), F_GETLK, &lock) == 0 && lock.l_type != F_UNLCK;
    return held ? lock.l_pid : 0;
}

void remove_lingering(const std::string& path) {
    std::error_code ignored;
    fs::remove_all(path, ignored);
    const auto all = fs::path(path).parent_path();
    if (::rmdir(all.c_str()) == 0) {
        remove_base(all.parent_path());
    }
}

void sweep_lingering(const std::string& all) {
    constexpr time_t grace = 60;  // seconds in which a new one's keeper has come
    for (const auto& entry : entries_of(all)) {
        const auto path = all + "/" + entry;
        struct stat info {};
        if (::lstat(path.c_str(), &info) == 0 && info.st_mtime + grace < ::time(nullptr) &&
            keeper_of(path) == 0) {
            remove_lingering(path);
        }
    }
}

std::string stop_lingering(const std::string& base) {
    const auto all = base + below_base;
    std::string said;
    for (const auto& entry : entries_of(all)) {
        const auto path = all + "/" + entry;
        if (keeper_of(path) == 0) {
            remove_lingering(path);
        } else if (end_by_keeper(path, waits(entry))) {
            said += name_in(entry) + " ended\n";
        } else {
            said += name_in(entry) + " is in use and ends with its job\n";
        }
    }
    return said;
}

}  // namespace mpi_podman
