/// Nodes and images as values.
#pragma once

#include <string>
#include <vector>

#include "distribute/store_facts.hpp"

namespace mpi_podman::test {

/// A digest of one digit.
inline std::string digest(char digit) { return std::string(64, digit); }

inline StoreFacts node_without(const std::string& node, std::vector<std::string> missing) {
    StoreFacts facts;
    facts.node = node;
    facts.graphroot = "/home/mpi/storage";
    facts.store = "store of " + node;
    facts.missing = std::move(missing);
    facts.room = 1U << 30U;
    return facts;
}

}  // namespace mpi_podman::test
