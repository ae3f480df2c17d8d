/// What is said of a distribution. Pure.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "distribute/hops.hpp"

namespace mpi_podman {

/// "0 bytes", "768 bytes", "12 kB", "61 MB", "4.2 GB"
std::string amount(std::uint64_t bytes);

/// How a node ended up: "node2: 61 MB in 3 layers, from node3"
std::string outcome_of(const Receiver& receiver, const std::string& sender);
/// The same of one that is sent nothing: "node1: has it".
std::string outcome_of(const StoreFacts& facts);

/// Where a node is: "node2: 12 of 61 MB from node3"
std::string state_of(const Receiver& receiver, const std::string& sender);

/// "3 of 4 nodes have IMAGE, id 0123456789ab; moved 122 MB"
std::string sum_of(std::size_t have, std::size_t nodes, const ImageIdentity& image, std::uint64_t moved);

/// The last `rows` of lines, none of which takes more than one row of a terminal.
std::string block_of(const std::vector<std::string>& lines, std::size_t columns, std::size_t rows);

}  // namespace mpi_podman
