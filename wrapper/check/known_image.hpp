/// What podman knows of an image, without asking it again as long as it would say the same.
#pragma once

#include <string>

#include "cli/options.hpp"
#include "inspect/image.hpp"
#include "launcher/environment.hpp"
#include "sys/result.hpp"

namespace mpi_podman {

/// Pulls nothing. Fails where podman cannot be used, or the image is not on this node. `facts_cache`: a
/// directory, or empty.
Result<ImageFacts> known_image(const Options& options, const Environment& environment,
                               const std::string& facts_cache);

}  // namespace mpi_podman
