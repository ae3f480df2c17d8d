/// A stream of the rank on its way to ours. Of podman's stderr the rank's words pass, podman's own before the
/// rank runs are kept back.
#pragma once

#include <unistd.h>

#include <string>

#include "sys/fd.hpp"

namespace mpi_podman {

/// Reads one pipe, writes one fd, and never blocks on either: it is driven by poll(2).
class Relay {
public:
    /// Nothing to relay.
    Relay() = default;
    /// Of podman's stderr to ours, closed until open().
    static Relay of_stderr(Fd source) { return {std::move(source), STDERR_FILENO, true}; }
    /// Of the rank's stdout to ours. Where ours is closed, so is the rank's.
    static Relay of_stdout(Fd source) { return {std::move(source), STDOUT_FILENO, false}; }

    /// What to poll for POLLIN; -1 while there is something to write first, or after the end.
    [[nodiscard]] int wants_read() const noexcept;
    /// What to poll for POLLOUT; -1 where there is nothing to write.
    [[nodiscard]] int wants_write() const noexcept;
    void read_some();
    void write_some();

    /// The container exists: from now on it is the rank that speaks, unless the first words are the
    /// runtime's.
    void open() noexcept { opened_ = true; }
    /// After podman's end: passes on all that the rank still said; what is podman's or the runtime's is kept.
    void finish();
    /// What was kept back.
    [[nodiscard]] const std::string& words() const noexcept { return buffer_; }

private:
    Relay(Fd source, int target, bool held) : source_(std::move(source)), target_(target), held_(held) {}
    void release_what_the_rank_said();

    Fd source_;
    int target_ = -1;
    std::string buffer_;
    bool opened_ = false;
    bool held_ = false;
};

}  // namespace mpi_podman
