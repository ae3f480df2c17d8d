/// --mpi=host: looks what of the host's MPI a rank's container is to see, and refuses what will not run.
#pragma once

#include <string>

#include "cli/options.hpp"
#include "inspect/host_mpi_in_image.hpp"
#include "plan/plan.hpp"
#include "sys/result.hpp"

namespace mpi_podman {

/// `plan` is what was decided without: it says what runs, where, and what is mounted. Fails where the verdict
/// is that it cannot run, with the first reason, but for --abi=none; all others go to the log.
Result<HostMpiInImage> host_mpi_for(const Plan& plan, const Options& options, const ImageFacts& image,
                                    const LauncherContext& context, const Environment& environment,
                                    const HostFacts& host);

/// The verdict as an Error, where it is that it cannot run. Pure.
Result<void> refuse_by(const Verdict& verdict, const std::string& image);

}  // namespace mpi_podman
