/// mpi-podman --distribute=receive: takes an image from stdin into podman's store of this node.
#pragma once

#include <string>

#include "distribute/store_facts.hpp"

namespace mpi_podman {

/// Says on stdout how far it is, and what went wrong (distribute/transfer.hpp); where nobody reads that any
/// more it ends. What has come stays in the staging directory, whole or in part, until the distribution ends.
/// The exit status is 0 where podman has the image in the end.
int receive_image(const std::string& podman, const ImageIdentity& image, const std::string& graphroot);

}  // namespace mpi_podman
