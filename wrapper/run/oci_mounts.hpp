/// What the OCI configuration of a container says it has of the host. Pure: of JSON that is none, or says
/// something else, there is nothing.
#pragma once

#include <string_view>
#include <vector>

#include "abi/host_mounts.hpp"

namespace mpi_podman {

/// As podman was told: a file that is mounted has no more the name that tells its release.
std::vector<HostMount> oci_mounts(std::string_view config_json);

}  // namespace mpi_podman
