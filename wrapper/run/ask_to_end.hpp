/// A job whose launcher does not see by itself that one of its ranks will never come.
#pragma once

#include "launcher/context.hpp"
#include "launcher/environment.hpp"

namespace mpi_podman {

/// Hydra keeps the other ranks waiting, for ever, for one that ended with whatever status before it said
/// init: so it is asked to end the job, with this status, where that is mpi-podman's own. The others get a
/// second before, to say what they have to say, and may end by themselves. Nothing under other launchers,
/// which see it, or (srun) are told by the user what to do then. It ends this process too.
void ask_launcher_to_end(const LauncherContext& context, const Environment& environment, int status);

}  // namespace mpi_podman
