/// Runs one rank in its node's container.
#pragma once

#include "plan/plan.hpp"
#include "record/moments.hpp"
#include "run/job_directory.hpp"
#include "run/node_container.hpp"
#include "sys/process.hpp"
#include "sys/result.hpp"

namespace mpi_podman {

/// How a rank decides: for itself, when the container shows the image; and for the container, by who starts
/// it.
struct Decisions {
    Decide for_rank, for_container;
};

/// Takes a place in the node's container (`plan` says which), decides with what the image turned out to be,
/// runs the rank and returns how it ended, and in `seen` what was seen of it. Nothing of it is left then.
Result<Ending> run_in_node(const Plan& plan, const Decisions& decisions, const Environment& environment,
                           const JobDirectory& directory, const std::vector<std::string>& lingering_bases,
                           Observation& seen);

}  // namespace mpi_podman
