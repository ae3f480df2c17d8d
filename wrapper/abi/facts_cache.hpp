/// Facts kept from one run to the next: those of an image as long as its id is the same, those of the host as
/// long as its libraries and the directories they are in are.
#pragma once

#include <string>
#include <vector>

#include "abi/host_mpi.hpp"
#include "abi/root_facts.hpp"
#include "rootfs/rootfs.hpp"

namespace mpi_podman {

/// One small file for each thing asked about, 0600. What is damaged, of another format or not ours alone
/// counts as not there; what cannot be written is looked for again the next time.
class FactsCache {
public:
    /// A directory that only this user can write to; made where its parent is there. Empty: nothing is kept.
    explicit FactsCache(std::string directory) : directory_(std::move(directory)) {}

    /// `image` is looked at only where nothing is kept about this id and these places.
    [[nodiscard]] RootFacts of_image(const std::string& id, const Rootfs& image, const Places& places) const;
    [[nodiscard]] RootFacts of_host(const Rootfs& host, const Places& places) const;
    [[nodiscard]] HostMpi of_host_mpi(const Rootfs& host, const Places& places, const RootFacts& facts,
                                      const MpiInstallation& mpi) const;
    /// What the image has under the names of the host's libraries (counterparts()).
    [[nodiscard]] std::vector<Library> of_counterparts(const std::string& id, const Rootfs& image,
                                                       const Places& places, const HostMpi& host) const;

private:
    std::string directory_;
};

}  // namespace mpi_podman
