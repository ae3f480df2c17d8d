/// Asks the nodes of a hostfile, all at once, what mpi-podman says there.
#pragma once

#include <string>
#include <vector>

#include "check/gather.hpp"
#include "check/node_facts.hpp"
#include "nodes/ask_each.hpp"

namespace mpi_podman {

/// Over ssh; this node without. The facts of a node that gave no answer hold the problem alone.
std::vector<NodeFacts> ask_nodes(const std::vector<std::string>& names, const CheckQuestion& question);

/// The words that mpi-podman is asked with there. Pure.
std::vector<std::string> words_for_a_node(const CheckQuestion& question);

/// What a node's reply means: its facts, or the problem. Pure.
NodeFacts facts_by_reply(const std::string& name, const Reply& reply);

}  // namespace mpi_podman
