/// --distribute: an image, pulled once, on all nodes of a hostfile.
#pragma once

#include <vector>

#include "cli/options.hpp"
#include "inspect/host.hpp"
#include "launcher/context.hpp"
#include "sys/result.hpp"

namespace mpi_podman {

struct Distribution {
    Options options;
    std::vector<Setting> typed;
    LauncherContext context;  ///< of the launcher around this process, if there is one
    HostFacts host;
};

/// The exit status: 0 where all nodes have the image in the end, else 1. An Error where nothing could be
/// done. Of a job's ranks the first does it for all.
Result<int> distribute(const Distribution& what);

}  // namespace mpi_podman
