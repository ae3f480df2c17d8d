/// How much one rank may put: all of it is kept until the job ends, so that a rank that never stops putting
/// must be stopped.
#pragma once

#include <cstddef>
#include <functional>
#include <map>
#include <string>
#include <string_view>

namespace mpi_podman::pmi {

struct Bounds {
    const char* what;  ///< in words
    std::size_t number, bytes;
};

/// For all ranks of the job, each of which holds the puts of all others. MPICH's puts are the parts of its
/// addresses (business cards): a handful, and some more for each network interface of a node.
inline constexpr Bounds bounds_of_puts{"keys", 4096, 1024UL * 1024};
/// For those of the same node (PMI-2), in whose memory they are as a rule. MPICH puts a handful: names of
/// shared memory, and of ports.
inline constexpr Bounds bounds_of_node_attributes{"node attributes", 256, 64UL * 1024};

/// What one rank has put so far. One that is put again takes the place of what it was.
class Allowance {
public:
    explicit Allowance(const Bounds& bounds) : bounds_(bounds) {}

    /// Why this one cannot be put, empty where it can.
    [[nodiscard]] std::string why_not(std::string_view key, std::string_view value) const;
    /// Counts one that was put.
    void note(std::string_view key, std::string_view value);
    /// Both: counts it where it can be put.
    std::string take(std::string_view key, std::string_view value);

private:
    [[nodiscard]] std::size_t bytes_with(std::string_view key, std::string_view value) const;

    Bounds bounds_;
    std::map<std::string, std::size_t, std::less<>> sizes_;  ///< of each with its key
    std::size_t bytes_ = 0;                                  ///< of all
};

}  // namespace mpi_podman::pmi
