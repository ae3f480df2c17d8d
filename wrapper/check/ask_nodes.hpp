/// Asks the nodes of a hostfile, all at once, what mpi-podman says there.
#pragma once

#include <string>
#include <vector>

#include "check/gather.hpp"
#include "check/node_facts.hpp"

namespace mpi_podman {

/// Over ssh, which may ask for nothing (BatchMode); this node without. A node that cannot be reached is
/// given up after 10 s, one that does not answer after 30 s: its facts hold the problem alone. Says on stderr
/// how far it is, where that is a terminal.
std::vector<NodeFacts> ask_nodes(const std::vector<std::string>& names, const CheckQuestion& question);

/// What is run for one node: on `self`, this node, or by ssh on another. Pure.
std::vector<std::string> command_for(const std::string& name, const CheckQuestion& question,
                                     const std::string& program);

/// What a node's answer means: its facts, or the problem by what ssh, a shell or mpi-podman said instead.
/// Pure.
NodeFacts facts_by_answer(const std::string& name, int status, const std::string& out,
                          const std::string& err);

}  // namespace mpi_podman
