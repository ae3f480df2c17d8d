/// How a rank ended that had a container of its own, by how its podman did.
#pragma once

#include <string>

#include "plan/plan.hpp"
#include "sys/process.hpp"
#include "sys/result.hpp"

namespace mpi_podman {

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

/// What podman's end says about the rank. `asked` is the signal the launcher ended the rank by, or 0;
/// `words` are podman's own.
Result<Ending> ending_of_rank(const Plan& plan, Ending podman, ContainerEnd container, int asked,
                              const std::string& words);

}  // namespace mpi_podman
