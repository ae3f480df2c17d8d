/// Serves one rank's podman, where the rank has a container of its own, from its start to its end.
#pragma once

#include <string>

#include "plan/plan.hpp"
#include "record/moments.hpp"
#include "run/announcement.hpp"
#include "run/bridge.hpp"
#include "run/guard.hpp"
#include "run/job_directory.hpp"
#include "run/relay.hpp"
#include "sys/fd.hpp"
#include "sys/process.hpp"
#include "sys/result.hpp"

namespace mpi_podman {

/// A podman that was started for a rank, and all that is to be seen to while it runs.
struct StartedPodman {
    Child podman;
    Relay err, out;             ///< of the rank, where they are not the launcher's own
    Announcement announcement;  ///< of the rank's pid, by conmon
    const Fd& signals;          ///< for the rank, as a signalfd
    Fd launcher;                ///< pidfd; without it the rank is to end
    const Guard& guard;
    RankBridge& bridge;
    const JobDirectory& directory;
    std::string id_file;  ///< in which podman says the container's id, until what it is for has been noted
    Moments& moments;
};

/// Serves until podman ends, then ends whatever is left of the container, and tells how the rank ended. Fails
/// where podman, the bridge or the launcher did.
Result<Ending> attend(StartedPodman started, const Plan& plan);

}  // namespace mpi_podman
