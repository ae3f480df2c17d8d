/// The devices that a container gets. Pure.
#pragma once

#include <string>
#include <vector>

#include "cli/options.hpp"
#include "inspect/devices.hpp"
#include "sys/result.hpp"

namespace mpi_podman {

/// What podman's --device is to name: what was typed, the fabric's devices, GPUs by their CDI names. A device
/// is not named twice. Fails where --gpus asks for more than the node has.
Result<std::vector<std::string>> devices_for(const Options& options, const NodeDevices& node);

/// The label of a container by which two jobs share none where they ask for other devices; empty where they
/// ask for the usual ones.
std::string devices_asked_for(const Options& options);

}  // namespace mpi_podman
