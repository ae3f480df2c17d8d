/// The image on this node, for all ranks of a job.
#pragma once

#include "inspect/node.hpp"
#include "run/job_directory.hpp"

namespace mpi_podman {

/// Its facts, by the pull policy of `options`: the first rank of the node that asks for this image finds them
/// out, as prepare_image() does; the others wait for it, and fail as it did.
Result<ImageFacts> bring_image(const Options& options, const JobDirectory& directory);

}  // namespace mpi_podman
