/// What a rank's process does once its command line is understood: runs the job's rank, prints the plan, ends
/// containers.
#pragma once

#include <sys/types.h>

#include <optional>
#include <string>

#include "cli/options.hpp"
#include "inspect/host.hpp"
#include "launcher/context.hpp"
#include "plan/plan.hpp"
#include "record/moments.hpp"
#include "run/job_directory.hpp"
#include "sys/result.hpp"

namespace mpi_podman {

/// What is known before anything is looked at.
struct Captured {
    Environment environment;
    LauncherContext context;
    Options options;
    std::string hostname;
    pid_t launcher = starter();
    HostFacts host;
    Observation seen;          ///< of this rank
    std::optional<Plan> plan;  ///< the last that was made for it
};

/// The directory that the job's ranks share on this node.
Result<JobDirectory> join_job(const Captured& captured);

/// Says the error, once for a job where its directory is known, and that of this rank there will be nothing,
/// where the launcher would wait for it. Returns the exit status, if the launcher lets it.
int give_up(const Error& error, const Captured& captured, const JobDirectory* directory);

/// --dry-run. Each returns an exit status.
int print_plan(Captured captured);

/// Returns the exit status, or dies as the rank died.
int run_job(Captured& captured);

/// --stop.
int stop(const Captured& captured);

}  // namespace mpi_podman
