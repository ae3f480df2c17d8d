/// What a rank must know of a node container to enter it as podman would have put it there: found out once
/// for the container, from the OCI configuration podman wrote, and handed to all its ranks by the agent.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "inspect/image.hpp"
#include "sys/result.hpp"

namespace mpi_podman {

/// Capability sets as in capabilities(7), bit n for capability n.
struct Capabilities {
    std::uint64_t bounding = 0, effective = 0, permitted = 0, inheritable = 0, ambient = 0;
    bool operator==(const Capabilities&) const = default;
};

/// What a container that lingers was like before any rank ran in it; empty for all others.
struct AtStart {
    std::vector<std::string> own;      ///< the host's directory with what is written in it, and single files
    std::vector<std::string> sources;  ///< what it has mounted of the host
    std::vector<std::string> files;    ///< what was, by podman
    std::string mounts;                ///< a line for each: device, path within it, place
    std::string images;                ///< the file that changes with the user's images
    std::uint64_t images_changed = 0;  ///< when it did, nanoseconds since the epoch; 0: unknown
    bool operator==(const AtStart&) const = default;
};

/// Which are not those of a rank's wrapper, as flags for setns(2).
struct Namespaces {
    int of_agent = 0;   ///< of the container, as its agent is in them
    int of_conmon = 0;  ///< of podman: user and mount
    bool operator==(const Namespaces&) const = default;
};

struct Description {
    Capabilities capabilities;
    bool no_new_privileges = false;
    std::string seccomp;                   ///< a program of struct sock_filter, empty where podman set none
    std::string apparmor;                  ///< profile, empty for none
    std::vector<std::string> environment;  ///< the image's ENV with what podman adds, NAME=VALUE
    std::vector<std::string> entry;        ///< ENTRYPOINT; with CMD behind it where the rank names no command
    std::string workdir;                   ///< the image's
    bool needs_locked_memory = false;      ///< of a rank, for a device it has
    ImageMpi mpi;
    std::uint32_t conmon = 0;  ///< pid of the container's conmon on the host
    Namespaces namespaces;     ///< as who described it saw them
    std::string container;     ///< its name in podman's store
    AtStart at_start;
    bool operator==(const Description&) const = default;
};

/// As bytes that another wrapper of the same version decodes. Any other bytes are refused.
std::string encode(const Description& description);
Result<Description> decode(std::string_view bytes);

/// Reads the part of an OCI config.json (the OCI runtime specification) that concerns a process of the
/// container. What is not in there, from `mpi` on, is left for the caller. Compiles the
/// seccomp profile. Fails where it holds what cannot be carried over, naming it.
Result<Description> description_from_oci(std::string_view config_json);

}  // namespace mpi_podman
