#include "run/relay.hpp"

#include <poll.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <climits>

#include "podman/explain.hpp"

namespace mpi_podman {
namespace {

constexpr std::size_t most_held = 65536;  // podman's errors are short; a flood is cut at its start

}  // namespace

int Relay::wants_read() const noexcept { return held_ || buffer_.empty() ? source_.get() : -1; }

int Relay::wants_write() const noexcept { return held_ || buffer_.empty() ? -1 : target_; }

void Relay::read_some() {
    std::array<char, 65536> chunk;  // NOLINT(cppcoreguidelines-pro-type-member-init): read(2) fills it
    const ssize_t got = ::read(source_.get(), chunk.data(), chunk.size());
    if (got <= 0) {
        source_.reset();
        return;
    }
    buffer_.append(chunk.data(), static_cast<std::size_t>(got));
    release_what_the_rank_said();
    if (held_ && buffer_.size() > most_held) {
        buffer_.erase(0, buffer_.size() - most_held);
    }
}

void Relay::release_what_the_rank_said() {
    if (opened_ && held_ && !buffer_.empty()) {
        held_ = is_from_runtime(buffer_);
    }
}

void Relay::write_some() {
    // poll(2) promises room for PIPE_BUF bytes: more could block, and a signal would wait.
    const ssize_t put = ::write(target_, buffer_.data(), std::min<std::size_t>(buffer_.size(), PIPE_BUF));
    if (put < 0 && target_ == STDOUT_FILENO) {
        source_.reset();  // so that a rank whose reader went away learns of it
    }
    buffer_.erase(0, put > 0 ? static_cast<std::size_t>(put) : buffer_.size());
}

void Relay::finish() {
    pollfd more{source_.get(), POLLIN, 0};
    while (source_ && ::poll(&more, 1, 0) > 0) {
        read_some();
    }
    release_what_the_rank_said();
    if (!held_) {
        write_all(target_, buffer_);
        buffer_.clear();
    }
}

}  // namespace mpi_podman
