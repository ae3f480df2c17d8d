/// mpi-podman --distribute=send: sends an image that is staged on this node to another, over ssh.
#pragma once

#include <string>
#include <vector>

#include "distribute/store_facts.hpp"
#include "distribute/transfer.hpp"

namespace mpi_podman {

struct Sending {
    ImageIdentity image;
    std::string graphroot;               ///< of this node
    std::vector<std::string> layers;     ///< those to be sent, if the receiver does not have them by now
    std::vector<std::string> receiving;  ///< the command that receives there
};

/// Says on stdout what the receiver says (distribute/transfer.hpp); ends when nobody reads that any more. The
/// exit status is 0 where the receiver has the image in the end.
int send_image(const Sending& what);

/// What is offered of a manifest's blobs: the configuration and these layers. Pure.
std::vector<Blob> blobs_for(const std::vector<Blob>& all, const std::vector<std::string>& layers);

}  // namespace mpi_podman
