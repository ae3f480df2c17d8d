/// The jobs that are refused before anything starts, because they would come out wrong.
#pragma once

#include "plan/plan.hpp"

namespace mpi_podman {

/// Fails where the ranks could not find each other, so that each would silently be a job of its own:
/// variables that whoever speaks to the launcher needs are not in `seen`, the environment it will have.
Result<void> check_one_job(const Options& options, const LauncherContext& context, const Environment& seen);

/// Fails where --pid=private would put ranks of a node that share memory into pid linux namespaces of their
/// own.
Result<void> check_pid_mode(const Options& options, const LauncherContext& context);

/// Fails where podman and what it starts could not open what they need, by the hard limit, which is that of
/// their soft one too: short of a few, podman starts nothing and forgets a part of the container in its
/// directories.
Result<void> check_open_files(const HostFacts& host);

/// Fails where podman would change a word: its configuration is JSON, so UTF-8. The command of a rank that
/// joins its node's container does not go through podman.
Result<void> check_podman_can_carry(const Plan& plan);

}  // namespace mpi_podman
