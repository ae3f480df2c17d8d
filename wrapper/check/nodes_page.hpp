/// What the nodes of a hostfile said, side by side. Pure.
#pragma once

#include <string>
#include <vector>

#include "check/node_facts.hpp"

namespace mpi_podman {

/// Something in which a node is not like most, or, `most` empty, in which there is no most.
struct Odd {
    std::string node, what, has, most;
    bool operator==(const Odd&) const = default;
};
std::vector<Odd> odd_ones(const std::vector<NodeFacts>& nodes);

/// Whether a job can run on all of them.
bool all_can(const std::vector<NodeFacts>& nodes);

/// The command line that the first of them recommends, for the launcher to start over all of `hostfile`.
std::vector<std::string> command_line_over(const std::vector<NodeFacts>& nodes, const std::string& hostfile);

std::string page_of(const std::vector<NodeFacts>& nodes, const std::string& hostfile);
std::string json_of(const std::vector<NodeFacts>& nodes, const std::string& hostfile);

}  // namespace mpi_podman
