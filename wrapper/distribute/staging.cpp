#include "distribute/staging.hpp"

#include <fcntl.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

#include <chrono>
#include <filesystem>
#include <thread>

#include "run/private_directory.hpp"

namespace mpi_podman {
namespace {

namespace fs = std::filesystem;
using namespace std::chrono_literals;

constexpr auto pause = 500ms;
constexpr auto forgotten = 1h;
/// What directory/directory_transport.go of containers/image writes, and reads back.
constexpr std::string_view dir_version = "Directory Transport Version: 1.1\n";

std::string base_of(const std::string& graphroot) { return graphroot + "/mpi-podman"; }
std::string token_of(const std::string& base) { return base + "/store"; }

Result<void> make(const std::string& directory) {
    if (make_private(directory) != Made::no) {
        return {};
    }
    return failure(Status::ours, "cannot make " + directory + ", or it is not yours alone: " + errno_text(),
                   "remove it, or make room and podman's graphroot writable");
}

/// flock(2) needs an fd for writing on NFS, so it is not the directory's.
Fd open_lock(const std::string& path) {
    return Fd(::open((path + "/lock").c_str(), O_RDWR | O_CREAT | O_NOFOLLOW | O_CLOEXEC, 0600));
}

/// Whether that lock's file still is what its path leads to: its directory may have been removed meanwhile.
bool is_current(const Fd& lock, const std::string& path) {
    struct stat held {};
    struct stat there {};
    return ::fstat(lock.get(), &held) == 0 && ::lstat((path + "/lock").c_str(), &there) == 0 &&
           held.st_ino == there.st_ino && held.st_dev == there.st_dev;
}

bool is_forgotten(const fs::path& directory) {
    std::error_code failed;
    const auto changed = fs::last_write_time(directory, failed);
    const Fd lock(::open((directory / "lock").c_str(), O_RDWR | O_NOFOLLOW | O_CLOEXEC));
    return !failed && fs::file_time_type::clock::now() - changed > forgotten &&
           (!lock || ::flock(lock.get(), LOCK_EX | LOCK_NB) == 0);
}

}  // namespace

Result<Staging> Staging::open(const std::string& graphroot, const std::string& id,
                              std::chrono::seconds patience, const std::function<void()>& alive) {
    const auto base = base_of(graphroot);
    const auto path = staging_path(graphroot, id);
    const auto until = std::chrono::steady_clock::now() + patience;
    while (true) {
        // Between these steps a distribution that ends may remove what it finds empty: ENOENT is no failure.
        auto made = make(base).and_then([&] { return make(path); });
        if (!made && errno != ENOENT) {
            return failure(made.error());
        }
        Fd lock = made ? open_lock(path) : Fd();
        if (!lock && errno != ENOENT) {
            return failure(Status::ours, "cannot write in " + path + ": " + errno_text(),
                           "is its disk full?");
        }
        if (lock && ::flock(lock.get(), LOCK_EX | LOCK_NB) == 0 && is_current(lock, path)) {
            return Staging(base, path, std::move(lock));
        }
        if (std::chrono::steady_clock::now() >= until) {
            return failure(Status::ours, "another mpi-podman --distribute of this image is at work there",
                           "wait until it has ended");
        }
        alive();
        std::this_thread::sleep_for(pause);
    }
}

std::uint64_t Staging::bytes_of(const Blob& blob) const {
    const auto size = [&](const char* ending) {
        std::error_code missing;
        const auto bytes = fs::file_size(path_ + "/" + blob.digest + ending, missing);
        return missing ? 0 : bytes;
    };
    const auto beginning = size(".part");
    return size("") == blob.bytes ? blob.bytes : beginning <= blob.bytes ? beginning : 0;
}

Result<void> Staging::complete(const std::string& manifest) const {
    return write_file(path_ + "/version", dir_version).and_then([&] {
        return write_file(path_ + "/manifest.json", manifest);
    });
}

void Staging::remove() {
    std::error_code ignored;
    fs::remove_all(path_, ignored);
    bool others = false;
    for (const auto& entry : fs::directory_iterator(base_, ignored)) {
        if (entry.is_directory(ignored) && is_forgotten(entry.path())) {
            fs::remove_all(entry.path(), ignored);
        }
        others = others || entry.is_directory(ignored);
    }
    if (!others) {
        fs::remove(token_of(base_), ignored);
        ::rmdir(base_.c_str());
    }
}

std::string staging_path(const std::string& graphroot, const std::string& id) {
    return base_of(graphroot) + "/" + id;
}

bool has_staging(const std::string& graphroot) {
    std::error_code ignored;
    return fs::exists(base_of(graphroot), ignored);
}

Result<std::string> store_token(const std::string& graphroot) {
    const auto base = base_of(graphroot);
    const auto token = token_of(base);
    return make(base).and_then([&]() -> Result<std::string> {
        // link(2) puts it there whole, and leaves one of another node as it is.
        return read_file("/proc/sys/kernel/random/uuid").and_then([&](const std::string& fresh) {
            const auto own = token + "." + fresh.substr(0, fresh.find('\n'));
            return write_file(own, fresh).and_then([&] {
                [[maybe_unused]] const int there = ::link(own.c_str(), token.c_str());
                ::unlink(own.c_str());
                return read_file(token);
            });
        });
    });
}

}  // namespace mpi_podman
