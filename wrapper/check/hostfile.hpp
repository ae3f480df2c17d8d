/// The nodes that a hostfile names: as mpirun, mpiexec of MPICH, and scontrol show hostnames write them.
/// Pure.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "sys/result.hpp"

namespace mpi_podman {

/// Each node once, in order. A line is NAME, USER@NAME or NAME:SLOTS, then words NAME=VALUE, of which slots,
/// max_slots and max-slots are numbers; '#' begins a comment. Fails with the file's name and the line's
/// number where one is not so, and where there is no node at all.
Result<std::vector<std::string>> nodes_in(std::string_view text, const std::string& file);

}  // namespace mpi_podman
