/// What --mpi=host changes in a plan.
#pragma once

#include "plan/plan.hpp"

namespace mpi_podman {

/// The mounts, as far as somebody has looked (HostFacts), and the label of the container.
void decide_host_mpi(const Options& options, const HostFacts& host, Plan& plan);

/// The host's MPI goes before what the rank would have had in LD_LIBRARY_PATH, by the user or else by the
/// image. `seen` is the environment that the rank has of the user and the launcher.
void prepend_library_path(const ImageFacts& image, const Environment& seen, RankEnvironment& rank);

}  // namespace mpi_podman
