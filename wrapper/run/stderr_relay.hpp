/// podman's stderr on its way to ours: the rank's words pass, podman's own before the rank runs are kept
/// back.
#pragma once

#include <string>

#include "sys/fd.hpp"

namespace mpi_podman {

/// Reads one pipe, writes fd 2, and never blocks on either: it is driven by poll(2).
class StderrRelay {
public:
    explicit StderrRelay(Fd source) : source_(std::move(source)) {}

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
    void release_what_the_rank_said();

    Fd source_;
    std::string buffer_;
    bool opened_ = false;
    bool held_ = true;
};

}  // namespace mpi_podman
