/// What the container sees of the host's files.
#pragma once

#include <string>
#include <vector>

#include "plan/plan.hpp"

namespace mpi_podman {

/// Whether the current directory is mounted.
bool mounts_cwd(const Options& options, const HostFacts& host);

/// Decides plan.mounts, attached and volumes. Reads plan.linger.
void decide_mounts(const Options& options, const LauncherContext& context, const HostFacts& host, Plan& plan);

/// Whether podman is to make a /tmp, which programs expect, Open MPI over a bridge for one.
bool gets_tmp(const Options& options, const ImageFacts& image, const Plan& plan);

/// The host's paths that mean the same in the container.
std::vector<std::string> paths_seen(const Plan& plan);

}  // namespace mpi_podman
