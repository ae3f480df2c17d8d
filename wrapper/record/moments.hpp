/// When a rank got how far, by the clock that nodes share.
#pragma once

#include <array>
#include <chrono>
#include <cstdint>
#include <optional>

namespace mpi_podman {

enum class Moment : std::uint8_t {
    started,       ///< the wrapper
    asked_podman,  ///< for a container: the rank that starts its node's, or with --per-rank each
    inside,        ///< a place in the node's container taken; with --per-rank podman has made it
    executed,      ///< the rank's program
    connected,     ///< the rank opened its first socket, as MPI_Init does to reach the launcher or a bridge
    ended,         ///< the rank
};
inline constexpr std::size_t moments_in_all = 6;

/// Seconds since the epoch; nothing for what was not seen.
class Moments {
public:
    void pass(Moment moment) {
        const auto now = std::chrono::system_clock::now().time_since_epoch();
        (*this)[moment] = std::chrono::duration<double>(now).count();
    }
    std::optional<double>& operator[](Moment moment) { return at_[static_cast<std::size_t>(moment)]; }
    const std::optional<double>& operator[](Moment moment) const {
        return at_[static_cast<std::size_t>(moment)];
    }
    bool operator==(const Moments&) const = default;

private:
    std::array<std::optional<double>, moments_in_all> at_;
};

/// By the kernel's accounting (getrusage(2)), of the rank and what it waited for.
struct Usage {
    std::uint64_t peak_kb = 0;    ///< of the largest process
    double user = 0, system = 0;  ///< seconds of CPU
    bool operator==(const Usage&) const = default;
};

/// What is seen of a rank while it runs.
struct Observation {
    bool closely = false;  ///< whether Moment::connected is looked for, which takes time
    Moments moments;
    std::optional<Usage> usage;  ///< not of a rank that is no descendant of the wrapper's (--per-rank)
};

}  // namespace mpi_podman
