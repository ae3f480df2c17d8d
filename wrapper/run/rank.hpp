/// Runs one rank to its end: the only effects.
#pragma once

#include <string>
#include <vector>

#include "plan/plan.hpp"
#include "record/moments.hpp"
#include "run/guard.hpp"
#include "run/job_directory.hpp"
#include "sys/process.hpp"
#include "sys/result.hpp"

namespace mpi_podman {

/// Starts podman by the plan, passes signals on, and returns how the rank ended. Whatever happens, nothing of
/// the container is left when it returns. Fails where the rank never ran. `guard` is told what it would have
/// to end, `moments` when what was done. In `bases` are other directories of ours, which the rank is not to
/// see.
Result<Ending> run_rank(const Plan& decided, const JobDirectory& directory,
                        const std::vector<std::string>& bases, const Guard& guard, Moments& moments);

}  // namespace mpi_podman
