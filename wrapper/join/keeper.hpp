/// The process between wrapper and rank: in the container's pid linux namespace, where it can adopt and end
/// whatever the rank leaves behind.
#pragma once

#include "join/description.hpp"
#include "join/enter.hpp"
#include "wire/execute.hpp"

namespace mpi_podman {

/// A prepared execve(2): made before fork, so that nothing is allocated after it.
struct Image {
    std::vector<const char*> programs;  ///< the places to look for the program, in turn
    std::vector<char*> argv, environment;
    /// Where it is not empty, the agent's program, in the container, and its words: that then executes the
    /// rank's.
    std::string agent = {};
    std::vector<char*> by_agent = {};
};

/// Becomes the keeper: forks the rank, serves `channel` (int32 signal numbers in, News out) and ends with the
/// rank, or when the other end of `channel` closes, leaving no process below it.
[[noreturn]] void keep(int channel, const Description& description, const Rank& rank, const Image& image);

}  // namespace mpi_podman
