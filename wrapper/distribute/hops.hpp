/// Who sends the image to whom next: a tree that grows with every node that has it. Pure.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "distribute/store_facts.hpp"
#include "distribute/transfer.hpp"

namespace mpi_podman {

/// A node that is to get the image.
struct Receiver {
    enum class Stage : std::uint8_t {
        waiting,
        moving,   ///< it is being sent to
        loading,  ///< it has all that it needed, and can send it on
        done,     ///< its podman has the image
        failed
    };
    StoreFacts facts;
    std::vector<std::string> needs;  ///< the layers that it is sent
    Stage stage = Stage::waiting;
    bool from_origin = false;           ///< another node could not send to it
    bool sends = true;                  ///< it has not failed to reach another
    std::optional<std::size_t> shares;  ///< the index of the one whose store it has too
    std::optional<std::size_t> from;    ///< who sends it, or did last; nothing: the origin
    unsigned attempts = 0;              ///< that failed
    std::uint64_t moved = 0;            ///< bytes, by those attempts
    std::uint64_t now = 0, of = 0;      ///< bytes that have come by this one, and that it wants in all
    std::uint64_t layers = 0;           ///< that came, or were begun to
    std::string words;                  ///< why it failed
};

struct Hop {
    std::size_t to = 0;
    std::optional<std::size_t> from;  ///< nothing: the origin
    bool operator==(const Hop&) const = default;
};

/// What becomes of the receivers by what was said of a hop. Where a node could not send, the origin does, and
/// that node sends no more. Where podman did not take an image without the layers that it was said to have,
/// it is sent all of them.
void apply(const Progress& progress, const Hop& hop, const std::vector<std::string>& all_layers,
           std::vector<Receiver>& receivers);

/// How many each node sends to at a time; so many hops at most are under way at a time.
inline constexpr std::size_t tree_width = 2;
inline constexpr std::size_t most_hops = 64;

/// Those of the nodes that need it, one for each store, in order. The others of a store share the first's.
std::vector<Receiver> receivers_of(const std::vector<StoreFacts>& nodes);

/// The hops that can begin now. A node gets it from the least busy of those that hold all it needs, from
/// the origin only where no node can.
std::vector<Hop> next_hops(const std::vector<Receiver>& receivers, const std::vector<Hop>& under_way);

}  // namespace mpi_podman
