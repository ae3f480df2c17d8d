/// The nodes that a hostfile names: as mpirun, mpiexec of MPICH, and scontrol show hostnames write them.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "sys/result.hpp"

namespace mpi_podman {

/// Each node once, in order. A line is NAME, USER@NAME or NAME:SLOTS, then words NAME=VALUE, of which slots,
/// max_slots and max-slots are numbers; '#' begins a comment. Fails with the file's name and the line's
/// number where one is not so, and where there is no node at all.
/// Pure.
Result<std::vector<std::string>> nodes_in(std::string_view text, const std::string& file);

/// The same of the file itself, whose path may be relative to `directory`.
Result<std::vector<std::string>> read_hostfile(const std::string& file, const std::string& directory);

}  // namespace mpi_podman
