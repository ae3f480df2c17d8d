#include "sys/fd.hpp"

#include <fcntl.h>
#include <linux/close_range.h>
#include <linux/openat2.h>
#include <poll.h>
#include <sys/resource.h>
#include <sys/signalfd.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <csignal>
#include <cstring>

namespace mpi_podman {

Fd& Fd::operator=(Fd&& other) noexcept {
    if (this != &other) {
        reset();
        fd_ = std::exchange(other.fd_, -1);
    }
    return *this;
}

void Fd::reset() noexcept {
    if (fd_ >= 0) {
        ::close(fd_);
    }
    fd_ = -1;
}

Result<Pipe> make_pipe() {
    std::array<int, 2> ends{};
    if (::pipe2(ends.data(), O_CLOEXEC) != 0) {
        return failure(Status::ours, "cannot make a pipe: " + errno_text(), "raise the limit: ulimit -n");
    }
    return Pipe{Fd(ends[0]), Fd(ends[1])};
}

bool is_closed_within(const Fd& pipe, int milliseconds) noexcept {
    pollfd closed{pipe.get(), 0, 0};
    int ready = 0;
    do {
        ready = ::poll(&closed, 1, milliseconds);
    } while (ready < 0 && errno == EINTR);
    return ready > 0;
}

Fd open_signalfd(std::initializer_list<int> numbers) noexcept {
    sigset_t set;
    ::sigemptyset(&set);
    for (const int number : numbers) {
        ::sigaddset(&set, number);
    }
    ::sigprocmask(SIG_BLOCK, &set, nullptr);
    return Fd(::signalfd(-1, &set, SFD_CLOEXEC | SFD_NONBLOCK));
}

void fill_closed_streams() noexcept {
    for (int stream = STDIN_FILENO; stream <= STDERR_FILENO; ++stream) {
        if (::fcntl(stream, F_GETFD) < 0) {
            // The lowest free number, so this very stream; without O_CLOEXEC, as streams are.
            static_cast<void>(::open("/dev/null", O_RDWR));
        }
    }
}

void keep_from_exec() noexcept { ::close_range(STDERR_FILENO + 1, ~0U, CLOSE_RANGE_CLOEXEC); }

void close_all_but(const std::vector<int>& kept) {
    std::vector<int> sorted = kept;
    std::sort(sorted.begin(), sorted.end());
    int first = STDERR_FILENO + 1;
    for (const int fd : sorted) {
        if (fd > first) {
            ::close_range(static_cast<unsigned>(first), static_cast<unsigned>(fd) - 1, 0);
        }
        first = std::max(first, fd + 1);
    }
    ::close_range(static_cast<unsigned>(first), ~0U, 0);
}

void raise_limit_of_files() noexcept {
    rlimit limit{};
    if (::getrlimit(RLIMIT_NOFILE, &limit) == 0) {
        limit.rlim_cur = limit.rlim_max;
        ::setrlimit(RLIMIT_NOFILE, &limit);
    }
}

std::string errno_text() { return std::strerror(errno); }  // NOLINT(concurrency-mt-unsafe): one thread only

Fd open_resolved(int directory, const std::string& path, std::uint64_t flags, std::uint64_t resolve,
                 mode_t mode) noexcept {
    open_how how{};
    how.flags = flags | O_CLOEXEC;
    how.mode = mode;
    how.resolve = resolve;
    return Fd(static_cast<int>(::syscall(SYS_openat2, directory, path.c_str(), &how, sizeof how)));
}

ssize_t read_some(int fd, void* bytes, std::size_t most) noexcept {
    ssize_t got = 0;
    do {
        got = ::read(fd, bytes, most);
    } while (got < 0 && errno == EINTR);
    return got;
}

Result<std::string> read_file(const std::string& path) {
    const Fd file(::open(path.c_str(), O_RDONLY | O_CLOEXEC));
    if (!file) {
        return failure(Status::ours, path + ": " + errno_text());
    }
    std::string content;
    // NOLINTNEXTLINE(cppcoreguidelines-pro-type-member-init): read(2) fills what is looked at
    std::array<char, 65536> chunk;
    while (true) {
        const ssize_t got = read_some(file.get(), chunk.data(), chunk.size());
        if (got < 0) {
            return failure(Status::ours, path + ": " + errno_text());
        }
        if (got == 0) {
            return content;
        }
        content.append(chunk.data(), static_cast<std::size_t>(got));
    }
}

std::string read_available(const Fd& fd) {
    ::fcntl(fd.get(), F_SETFL, O_NONBLOCK);
    std::string all;
    std::array<char, 4096> chunk{};
    for (ssize_t got = ::read(fd.get(), chunk.data(), chunk.size()); got > 0;
         got = ::read(fd.get(), chunk.data(), chunk.size())) {
        all.append(chunk.data(), static_cast<std::size_t>(got));
    }
    return all;
}

Result<void> write_file(const std::string& path, std::string_view bytes) {
    const std::string fresh = path + ".new." + std::to_string(::getpid());
    const Fd file(::open(fresh.c_str(), O_WRONLY | O_CREAT | O_EXCL | O_NOFOLLOW | O_CLOEXEC, 0600));
    if (!file || !write_all(file.get(), bytes) || ::rename(fresh.c_str(), path.c_str()) != 0) {
        const std::string why = errno_text();
        ::unlink(fresh.c_str());
        return failure(Status::ours, "cannot write " + path + ": " + why, "is there space and permission?");
    }
    return {};
}

bool make_directory(const std::string& path, mode_t mode) noexcept {
    return ::mkdir(path.c_str(), mode) == 0 && ::chmod(path.c_str(), mode) == 0;
}

bool write_all(int fd, std::string_view bytes) {
    while (!bytes.empty()) {
        const ssize_t put = ::write(fd, bytes.data(), bytes.size());
        if (put < 0 && errno == EINTR) {
            continue;
        }
        if (put < 0) {
            return false;
        }
        bytes.remove_prefix(static_cast<std::size_t>(put));
    }
    return true;
}

}  // namespace mpi_podman
