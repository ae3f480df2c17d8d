/// --mpi=host: looks what of the host's MPI a rank's container is to see, and refuses what will not run.
#pragma once

#include <string>
#include <utility>
#include <vector>

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

/// What there is to be looked at for it. Fails where podman keeps the image in a way that cannot be looked
/// into.
Result<HostMpiQuestion> host_mpi_question(const Plan& plan, const Options& options, const ImageFacts& image,
                                          const LauncherContext& context, const Environment& environment,
                                          const HostFacts& host);

/// Of the host what the container sees besides its MPI: host path, and path there.
std::vector<std::pair<std::string, std::string>> shown_by(const Plan& plan);

/// The files that a container of this plan has, with the image's layers below.
Rootfs seen_in_container(const Plan& plan, const std::vector<std::string>& layers);

/// The directory in which this host keeps facts, made where it is not there; on a home that nodes share each
/// has its own. Empty where there is no home.
std::string facts_cache(const Environment& environment, const std::string& hostname);

}  // namespace mpi_podman
