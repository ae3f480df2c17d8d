/// Gathers what --check tells: looks at this host and, through its layers, at the image; runs of the two only
/// podman and launchers' --version. Nothing is started in the image, and nothing written to it.
#pragma once

#include <vector>

#include "check/report.hpp"
#include "cli/options.hpp"
#include "inspect/host.hpp"
#include "launcher/environment.hpp"
#include "sys/result.hpp"

namespace mpi_podman {

struct CheckQuestion {
    Options options;
    std::vector<Setting> typed;
    LauncherContext context;  ///< of the launcher around this process, if there is one
    Environment environment;
    HostFacts host;
};

/// Fails where podman or the image is not here, or the image cannot be looked into.
Result<CheckReport> gather(const CheckQuestion& question);

}  // namespace mpi_podman
