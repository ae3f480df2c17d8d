/// What a launcher says to the ranks of one job, and no image has a say in.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "plan/rank_environment.hpp"

namespace mpi_podman {

/// Whether a variable of this name is what a launcher says to one job alone, no setting.
bool is_said_to_a_job(std::string_view name);

/// Takes such out of the image's own ENV (NAME=VALUE) where this rank was not told them: an image that was
/// made of a container of a job has them all, and its ranks would look for a server that is not theirs.
void leave_out_what_the_image_says(const std::vector<std::string>& image, RankEnvironment& rank);

}  // namespace mpi_podman
