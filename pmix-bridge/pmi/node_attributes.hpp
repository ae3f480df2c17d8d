/// How much a rank may tell the others of its node (PMI-2's node attributes).
#pragma once

#include <cstddef>
#include <functional>
#include <map>
#include <string>
#include <string_view>

namespace mpi_podman::pmi {

/// MPICH puts a handful: names of shared memory, and of ports. All are kept until the job ends, in the node's
/// memory as a rule, so that a rank that never stops putting must be stopped.
inline constexpr std::size_t most_node_attributes = 256, most_node_bytes = 64UL * 1024;

/// What one rank has put so far. One that is put again takes the place of what it was.
class NodeAttributes {
public:
    /// Why this one cannot be put, empty where it can.
    [[nodiscard]] std::string why_not(std::string_view key, std::string_view value) const;
    /// Counts one that was put.
    void note(std::string_view key, std::string_view value);

private:
    [[nodiscard]] std::size_t bytes_with(std::string_view key, std::string_view value) const;

    std::map<std::string, std::size_t, std::less<>> sizes_;  ///< of each with its key
    std::size_t bytes_ = 0;                                  ///< of all
};

}  // namespace mpi_podman::pmi
