/// The origin's part: takes out of podman what the nodes need.
#pragma once

#include <set>
#include <string>
#include <vector>

#include "distribute/hops.hpp"
#include "distribute/staging.hpp"

namespace mpi_podman {

struct Staged {
    Staging staging;
    std::vector<Blob> blobs;  ///< all of the image's
};

/// The layers that at least one of them needs. Pure.
std::set<std::string> needed_by(const std::vector<Receiver>& receivers);

/// Stages the image on this node, of its layers the needed ones; what an interrupted run has staged stays.
Result<Staged> stage_image(const std::string& podman, const ImageIdentity& image,
                           const std::string& graphroot, const std::set<std::string>& needed);

/// Fails those that have no room for what they need twice: on its way, and in podman's store. Pure.
void refuse_the_full(const std::vector<Blob>& blobs, std::vector<Receiver>& receivers);

}  // namespace mpi_podman
