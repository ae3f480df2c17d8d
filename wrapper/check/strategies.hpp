/// Which strategies will run under one launcher, which is recommended, and the command line of each. Pure.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "check/report.hpp"
#include "cli/options.hpp"
#include "inspect/host.hpp"
#include "inspect/host_mpi_in_image.hpp"
#include "sys/result.hpp"

namespace mpi_podman {

struct StrategyQuestion {
    Options options;
    std::vector<Setting> typed;  ///< the same as words
    HostLauncher launcher;
    ImageMpi image_mpi;    ///< by which mpi-podman knows what the image speaks
    HostMpiInImage found;  ///< with the verdict on the host's MPI
    NodeDevices devices;
    Limit locked_memory;
    std::optional<Error> refusal;  ///< of the launcher around us: then nothing runs under it
};

/// One report for each strategy: image, bridge, host.
std::vector<StrategyReport> judge_strategies(const StrategyQuestion& question);

/// The one with the best outcome; of several the first. Nothing where none can run.
std::optional<std::size_t> recommend(const std::vector<StrategyReport>& strategies);

}  // namespace mpi_podman
