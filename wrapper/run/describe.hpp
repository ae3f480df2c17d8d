/// Finds out, once for all ranks of a node container, how podman made it.
#pragma once

#include <sys/types.h>

#include <string>

#include "join/description.hpp"
#include "plan/plan.hpp"
#include "sys/fd.hpp"
#include "sys/result.hpp"

namespace mpi_podman {

/// Reads the OCI configuration of the container whose first process is `agent`, by way of its conmon; and
/// where the agent is not podman's init, so that podman does not tell the image's ENTRYPOINT and CMD there,
/// asks podman.
Result<Description> describe_container(const Plan& plan, pid_t agent, bool agent_is_init);

/// A description as a memory file that nobody can change (memfd_create(2), sealed), and back.
Result<Fd> seal(const Description& description);
Result<Description> read_sealed(const Fd& memory);

}  // namespace mpi_podman
