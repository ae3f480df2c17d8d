/// What else than its options tells one lingering container from another.
#pragma once

#include <string>

namespace mpi_podman {

/// What a container that lingers depends on besides podman's command line, as text: the agent's file, the
/// directory that relative paths start from, whose view of the files of this node it is (a job of Slurm's may
/// have a /tmp of its own), in whose allocation it runs and ends, and which podman with which configuration
/// and store.
std::string identity(const std::string& agent);

}  // namespace mpi_podman
