/// The host's MPI for one image: which, what of it the container is to see, and whether that will run.
#pragma once

#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "abi/host_mounts.hpp"
#include "abi/verdict.hpp"
#include "inspect/image.hpp"
#include "launcher/context.hpp"
#include "sys/result.hpp"

namespace mpi_podman {

struct HostMpiQuestion {
    std::string image_id;
    std::vector<std::string> layers;
    /// Host files and directories that the container sees anyhow, and where: (host path, its path there).
    std::vector<std::pair<std::string, std::string>> shown;
    Places in_image;      ///< by the image's own ENV: what its loader finds for any program
    Places of_rank;       ///< by the rank's environment and working directory
    std::string program;  ///< as the rank names it; empty where nobody does
    Places on_host;
    std::string prefix;  ///< of the host's MPI; empty: where the host's loader finds one
    AbiCheck check = AbiCheck::major;
    Pmi pmi = Pmi::none;      ///< what the launcher speaks: decides where nothing else tells which family
    std::string facts_cache;  ///< directory, or empty
    /// The undefined symbols too, and a command that cannot be started: more than a rank's start waits for.
    bool closely = false;
};

struct HostMpiInImage {
    std::vector<HostMount> mounts;
    ImageMpi mpi;  ///< what the rank will then have
    Verdict verdict;
    /// What the verdict is about.
    RootFacts image, host;
    std::optional<CommandFacts> command;  ///< with the image's own MPI
    std::optional<HostMpi> host_mpi;      ///< that was chosen
};

/// What a rank sees: the image through its layers, with what is mounted over it.
Rootfs seen_by_rank(const HostMpiQuestion& question, const std::vector<HostMount>& mounts);

/// Looks, on the host and through the image's layers; runs nothing.
HostMpiInImage look_for_host_mpi(const HostMpiQuestion& question);

/// Which of the host's MPIs: the one below the prefix; of those that the loader finds, one of the family that
/// the program needs, or the image has, or the launcher speaks to. nullptr: none.
const MpiInstallation* choose_mpi(const RootFacts& host, const std::string& real_prefix,
                                  const CommandFacts* command, const RootFacts& image, Pmi pmi);

/// What a container with these mounts has of MPI.
ImageMpi mpi_of_mounts(const std::vector<HostMount>& mounts);

}  // namespace mpi_podman
