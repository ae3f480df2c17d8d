/// The process between wrapper and rank: in the container's pid linux namespace, where it can adopt and end
/// whatever the rank leaves behind.
#pragma once

#include <cstdint>

#include "join/description.hpp"
#include "join/enter.hpp"

namespace mpi_podman {

/// How far a rank got before exec(3).
enum class Step : std::int32_t { mounts, namespaces, workdir, limits, confinement, exec, interpreter };

/// What the keeper tells the wrapper: the rank's wait status, or the step that failed and errno.
struct News {
    bool ended;
    std::int32_t status;  ///< waitpid(2)'s status, or errno
    Step step;
};

/// Tells the wrapper that this step failed with errno, and ends. Async-signal-safe.
[[noreturn]] void fail(int channel, Step step);

/// A prepared execve(2): made before fork, so that nothing is allocated after it.
struct Image {
    std::vector<const char*> programs;  ///< the places to look for the program, in turn
    std::vector<char*> argv, environment;
};

/// Becomes the keeper: forks the rank, serves `channel` (int32 signal numbers in, News out) and ends with the
/// rank, or when the other end of `channel` closes, leaving no process below it.
[[noreturn]] void keep(int channel, const Description& description, const Rank& rank, const Image& image);

}  // namespace mpi_podman
