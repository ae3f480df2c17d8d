/// File descriptors with one owner each.
#pragma once

#include <sys/types.h>

#include <cstddef>
#include <cstdint>
#include <initializer_list>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "sys/result.hpp"

namespace mpi_podman {

/// Owns one file descriptor and closes it. Move-only; -1 means none.
class Fd {
public:
    Fd() = default;
    explicit Fd(int fd) noexcept : fd_(fd) {}
    Fd(Fd&& other) noexcept : fd_(std::exchange(other.fd_, -1)) {}
    Fd& operator=(Fd&& other) noexcept;
    Fd(const Fd&) = delete;
    Fd& operator=(const Fd&) = delete;
    ~Fd() { reset(); }

    [[nodiscard]] int get() const noexcept { return fd_; }
    explicit operator bool() const noexcept { return fd_ >= 0; }
    void reset() noexcept;
    /// Gives it up: it stays open until this process ends, or whoever has the number closes it.
    int release() noexcept { return std::exchange(fd_, -1); }

private:
    int fd_ = -1;
};

/// The two ends of a pipe(2), both close-on-exec.
struct Pipe {
    Fd read_end, write_end;
};
Result<Pipe> make_pipe();

/// Whether the other end of a pipe is closed, by hand or by a death (poll(2)), within so many milliseconds;
/// -1: waits for that.
bool is_closed_within(const Fd& pipe, int milliseconds) noexcept;

/// Blocks these signals and opens a signalfd(2) for them, which does not block; empty, with errno, where it
/// cannot be.
Fd open_signalfd(std::initializer_list<int> numbers) noexcept;

/// Opens /dev/null where stdin, stdout or stderr is closed: else the next file we open would be that stream.
void fill_closed_streams() noexcept;

/// Makes every fd from 3 on close-on-exec: what the launcher left open for its rank is not for other
/// programs.
void keep_from_exec() noexcept;

/// Closes every fd from 3 on except `kept`.
void close_all_but(const std::vector<int>& kept);

/// Lets this process have as many files open as it may (setrlimit(2), RLIMIT_NOFILE): its soft limit becomes
/// the hard one. Harmless where nothing uses select(2).
void raise_limit_of_files() noexcept;

/// What happened in words: `strerror(errno)` of the call that just failed.
std::string errno_text();

/// Opens `path` from `directory` on, close-on-exec, going only where `resolve` lets it: RESOLVE_NO_SYMLINKS
/// and the like (openat2(2)). Empty, with errno, where it cannot.
Fd open_resolved(int directory, const std::string& path, std::uint64_t flags, std::uint64_t resolve,
                 mode_t mode = 0) noexcept;

/// read(2), again after EINTR: how much came, 0 at the end, -1 with errno. Async-signal-safe.
ssize_t read_some(int fd, void* bytes, std::size_t most) noexcept;

/// The whole of a file, or nothing where it cannot be read.
Result<std::string> read_file(const std::string& path);

/// What is there to read now, without waiting for more: all that a process that has ended left in a pipe.
/// Sets O_NONBLOCK.
std::string read_available(const Fd& fd);

/// mkdir(2) with just this mode, whatever the umask.
bool make_directory(const std::string& path, mode_t mode) noexcept;

/// Writes `bytes` to a new file of mode 0600 beside `path` and renames it over `path`: readers see all or
/// nothing.
Result<void> write_file(const std::string& path, std::string_view bytes);

/// Writes all of `bytes`, retrying after EINTR and short writes. False where the other end is gone or full.
bool write_all(int fd, std::string_view bytes);

}  // namespace mpi_podman
