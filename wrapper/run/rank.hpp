/// Runs one rank to its end: the only effects.
#pragma once

#include <string>
#include <vector>

#include "plan/plan.hpp"
#include "record/moments.hpp"
#include "run/guard.hpp"
#include "run/job_directory.hpp"
#include "run/signals.hpp"
#include "sys/process.hpp"
#include "sys/result.hpp"

namespace mpi_podman {

/// Starts podman by the plan, passes signals on, and returns how the rank ended. Whatever happens, nothing of
/// the container is left when it returns. Fails where the rank never ran. `guard` is told what it would have
/// to end, `moments` when what was done. In `bases` are other directories of ours, which the rank is not to
/// see.
Result<Ending> run_rank(const Plan& decided, const JobDirectory& directory,
                        const std::vector<std::string>& bases, const Guard& guard, Moments& moments);

/// What had become of the container when podman ended.
enum class ContainerEnd {
    never_made,
    removed,            ///< it ran, and podman had removed it
    unknown,            ///< it ran, but too short for anybody to see where podman keeps it
    kept,               ///< it ran, and was still there: podman had no room to note its end, say
    cannot_be_removed,  ///< not by us either
};

/// Whether a status is one of podman's own, which the rank may have as well (podman-run(1), EXIT STATUS).
bool is_podmans_own(int status);

/// What podman's end says about the rank. Pure. `asked` is the signal the launcher ended the rank by, or 0;
/// `words` are podman's own.
Result<Ending> ending_of_rank(const Plan& plan, Ending podman, ContainerEnd container, int asked,
                              const std::string& words);

}  // namespace mpi_podman
