/// What must hold for an error, whatever led to it.
#pragma once

#include <array>
#include <ranges>

#include "fuzz/require.hpp"
#include "sys/result.hpp"

namespace mpi_podman::fuzz {

/// A failure says what happened, and ends mpi-podman as one.
inline void require_told(const Error& error) {
    constexpr std::array all{Status::usage, Status::ours, Status::not_runnable, Status::not_found};
    require(std::ranges::find(all, error.status) != all.end(), "a failure has a status of ours");
    require(!error.message.empty(), "a failure says what happened");
}

template <typename Value>
void require_told(const Result<Value>& result) {
    if (!result) {
        require_told(result.error());
    }
}

}  // namespace mpi_podman::fuzz
