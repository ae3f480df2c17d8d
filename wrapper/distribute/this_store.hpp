/// What this node says of its images, and what it does about them in the end.
#pragma once

#include "distribute/store_facts.hpp"
#include "sys/result.hpp"

namespace mpi_podman {

/// mpi-podman --distribute=node. Notes in the store whose it is, if the image is not in it.
StoreFacts facts_of_this_store(const std::string& podman, const ImageIdentity& image);

/// mpi-podman --distribute=finish: gives an image that is there its name, and removes what was staged.
StoreFacts finish_this_store(const std::string& podman, const ImageIdentity& image);

/// Gives an image that is there its name.
Result<void> name_image(const std::string& podman, const ImageIdentity& image);

/// Where podman keeps its images.
Result<std::string> graphroot_of(const std::string& podman);

}  // namespace mpi_podman
