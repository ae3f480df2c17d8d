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

/// "(vector,(first node,nodes,ranks on each),...)": blocks of ranks in rank order.
std::string encode_mapping(const Mapping& mapping);

/// The inverse, for `size` ranks: blocks are taken in turn, again from the first where they end too early, as
/// MPICH reads them. Fails where it is no such text, its blocks hold no rank, or a node has no sane number.
Result<Mapping> decode_mapping(std::string_view text, std::uint32_t size);

}  // namespace mpi_podman::pmi
