/// What a node says of its images when it is asked whether it needs one.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace mpi_podman {

/// An image as all nodes know it.
struct ImageIdentity {
    std::string id;                   ///< the digest of its configuration, in hex
    std::string name;                 ///< in full, with a tag; the id where it has none
    std::vector<std::string> layers;  ///< the digests of its layers as plain tar, in hex, the lowest first
    bool operator==(const ImageIdentity&) const = default;
};

struct StoreFacts {
    std::string node;       ///< as the hostfile names it
    std::string graphroot;  ///< where podman keeps images there; empty: the node did not answer
    std::string store;      ///< nodes that say the same have one store; empty: the image is there
    bool has_image = false;
    bool is_named = false;             ///< and the name leads to it
    bool has_staging = false;          ///< something of an earlier distribution lies there
    std::vector<std::string> missing;  ///< the layers that no image there has
    std::uint64_t room = 0;            ///< bytes that are free in graphroot
    std::string problem;               ///< why it cannot get the image; empty: it can
    bool operator==(const StoreFacts&) const = default;
};

/// One line, and back; nothing where it is none.
std::string line_of(const StoreFacts& facts);
std::optional<StoreFacts> store_facts_from(std::string_view line);

/// Reads what `podman image inspect` printed of the image, which was asked for as `typed`: of its names the
/// one that was meant. Pure. Nothing where it cannot be read.
std::optional<ImageIdentity> image_identity_from(std::string_view inspect_json, const std::string& typed);

/// What follows for `image` from what `podman image inspect` printed of all images. Pure.
StoreFacts store_facts_by(std::string_view inspect_json, const ImageIdentity& image);

}  // namespace mpi_podman
