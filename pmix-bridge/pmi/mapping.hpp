/// Which node each rank is on, as PMI's process mapping tells it (MPICH's PMI_process_mapping).
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "sys/result.hpp"

namespace mpi_podman::pmi {

/// The node of each rank, by number; nodes are numbered by their first rank.
using Mapping = std::vector<std::uint32_t>;

/// From the name of each rank's node. Any placement: by slot, by node, in blocks of different sizes.
Mapping mapping_of(const std::vector<std::string>& node_names);

/// "(vector,(first node,nodes,ranks on each),...)": blocks of ranks in rank order, up to where they repeat.
/// MPICH's readers of any version take it.
std::string encode_mapping(const Mapping& mapping);

/// The inverse, for `size` ranks, and also of what launchers write since MPICH 4.2: a lone rank on a node is
/// that node's number, and [...]xN are blocks that come N times. Where all end too early they go on with the
/// first block that begins with node 0, or where none does with the first of all, as MPICH reads them. Fails
/// where it is no such text, its blocks hold too few ranks, or a node has no sane number.
Result<Mapping> decode_mapping(std::string_view text, std::uint32_t size);

}  // namespace mpi_podman::pmi
