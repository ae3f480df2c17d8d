/// The container that a runtime calls the hook for, as the OCI runtime specification tells it.
///
/// Sources: its chapters "Runtime and Lifecycle" (State, on stdin) and "Configuration" (config.json of the
/// bundle: root, mounts).
#pragma once

#include <sys/types.h>

#include <string>
#include <string_view>
#include <vector>

#include "sys/result.hpp"

namespace mpi_podman {

struct ContainerState {
    pid_t pid = 0;  ///< of its first process, as the runtime sees it; 0 where it does not say
    std::string bundle;
    bool operator==(const ContainerState&) const = default;
};

/// Pure. Fails where this is no State.
Result<ContainerState> container_state(std::string_view json);

struct ContainerConfig {
    std::string root;  ///< root.path, below the bundle where it is relative
    /// Where the container has a tmpfs of its own: /dev. What is made there is in no file system of the
    /// host's.
    std::vector<std::string> tmpfs;
    bool operator==(const ContainerConfig&) const = default;
};

/// Pure. `json` is the bundle's config.json.
Result<ContainerConfig> container_config(std::string_view json, const std::string& bundle);

}  // namespace mpi_podman
