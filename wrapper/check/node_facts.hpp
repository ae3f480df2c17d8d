/// What one node says of itself when it is asked whether a job can run there.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace mpi_podman {

struct NodeFacts {
    std::string node;                        ///< as the hostfile names it
    std::string version;                     ///< of mpi-podman; empty: the node did not answer
    std::string podman;                      ///< its version
    std::uint64_t subuids = 0, subgids = 0;  ///< how many subordinate ids the user has
    std::string image_id;                    ///< empty: it is not there
    std::vector<std::string> host_mpis;
    std::string session_directory;    ///< where launchers make theirs
    std::uint64_t session_space = 0;  ///< bytes that are free there
    std::string strategy, outcome;    ///< that is recommended: as JSON names them; empty: none
    std::vector<std::string> command_line;
    std::vector<std::string> problems;  ///< each keeps jobs from running there
    bool operator==(const NodeFacts&) const = default;
};

/// One line, and back; nothing where it is none.
std::string line_of(const NodeFacts& facts);
std::optional<NodeFacts> node_facts_from(std::string_view line);

}  // namespace mpi_podman
