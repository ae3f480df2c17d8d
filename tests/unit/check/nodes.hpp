/// Nodes that have answered.
#pragma once

#include "check/node_facts.hpp"

namespace mpi_podman::test {

inline NodeFacts good_node(const std::string& name) {
    NodeFacts facts;
    facts.node = name;
    facts.version = "0.1.0";
    facts.podman = "4.3.1";
    facts.subuids = facts.subgids = 65536;
    facts.image_id = "0123456789abcdef0123";
    facts.host_mpis = {"Open MPI 4.1.4", "MPICH 4.0.2"};
    facts.session_directory = "/tmp";
    facts.session_space = std::uint64_t{4096} << 20U;
    facts.strategy = "image";
    facts.outcome = "works";
    facts.command_line = {"mpirun", "-np", "2", "mpi-podman", "img", "ring"};
    return facts;
}

inline NodeFacts silent_node(const std::string& name) {
    NodeFacts facts;
    facts.node = name;
    facts.problems = {"ssh does not reach it: connect to host " + name + " port 22: No route to host"};
    return facts;
}

}  // namespace mpi_podman::test
