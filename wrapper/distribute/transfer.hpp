/// What a sender and a receiver of an image say to each other, and the sender to the node that asked it to
/// send: lines of text. Pure.
///
///     sender to receiver     one line of JSON, the Offer; then the bytes that are wanted, blob after blob
///     receiver to sender     one line of JSON, the Wants; then lines of Progress
///     sender to the origin   lines of Progress
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace mpi_podman {

/// Whether this is a SHA-256 in hex, and so can be the name of a file.
bool is_digest(std::string_view text);

/// A file of an image in containers/image's dir: form: named by the digest of what it holds.
struct Blob {
    std::string digest;  ///< SHA-256 in hex
    std::uint64_t bytes = 0;
    bool is_layer = true;  ///< else the image's configuration
    bool operator==(const Blob&) const = default;
};

struct Offer {
    std::string manifest;  ///< as it stands in manifest.json
    std::vector<Blob> blobs;
    bool zstd = false;  ///< the sender can compress
    bool operator==(const Offer&) const = default;
};

struct Want {
    std::string digest;
    std::uint64_t from = 0;  ///< so many bytes of it are there already
    bool operator==(const Want&) const = default;
};

struct Wants {
    std::vector<Want> blobs;  ///< in the order in which they are to be sent
    bool zstd = false;        ///< the bytes are to be compressed
    bool operator==(const Wants&) const = default;
};

std::string line_of(const Offer& offer);
std::string line_of(const Wants& wants);
/// Nothing where a line is none, or names a blob by what is no digest.
std::optional<Offer> offer_from(std::string_view line);
std::optional<Wants> wants_from(std::string_view line);

/// The blobs that a manifest names, the configuration first; empty where it is none.
std::vector<Blob> blobs_in(std::string_view manifest);

struct Progress {
    enum class What : std::uint8_t {
        alive,        ///< at work, without anything new
        wants,        ///< `bytes` in `layers` are going to be sent
        at,           ///< `bytes` of them have been
        whole,        ///< all is there, and is what it should be: it can be sent on
        done,         ///< the image is in podman's store
        broken,       ///< the transfer ended: `words`
        refused,      ///< podman does not take what was sent: `words`
        unreachable,  ///< the receiver could not be started: `words`
    };
    What what = What::alive;
    std::uint64_t bytes = 0, layers = 0;
    std::string words;
    bool operator==(const Progress&) const = default;
};

std::string line_of(const Progress& progress);
std::optional<Progress> progress_from(std::string_view line);

}  // namespace mpi_podman
