/// What must hold for an error, whatever led to it.
#pragma once

#include <algorithm>
#include <array>

#include "fuzz/require.hpp"
#include "sys/printable.hpp"
#include "sys/result.hpp"

namespace mpi_podman::fuzz {

/// A failure says what happened, in a line that no terminal obeys, and ends mpi-podman as one.
inline void require_told(const Error& error) {
    constexpr std::array all{Status::usage, Status::ours, Status::not_runnable, Status::not_found};
    require(std::ranges::find(all, error.status) != all.end(), "a failure has a status of ours");
    require(!error.message.empty(), "a failure says what happened");
    const auto line = printable_line(error.message + error.hint);
    require(is_utf8(line), "a line is text");
    const auto is_control = [](unsigned char c) { return c < ' ' || c == 0x7F; };
    require(std::ranges::none_of(line, is_control), "a line has no control characters");
    require(line.find("\xC2\x9B") == std::string::npos, "nor a CSI of 8 bits");
    require(printable_line(line) == line, "what is printable stays as it is");
}

template <typename Value>
void require_told(const Result<Value>& result) {
    if (!result) {
        require_told(result.error());
    }
}

}  // namespace mpi_podman::fuzz
