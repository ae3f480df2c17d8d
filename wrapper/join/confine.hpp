/// The confinement podman would have given a process of the container, applied to the calling process.
#pragma once

#include "join/description.hpp"

namespace mpi_podman {

/// Call in a child that will exec(3), with all capabilities in the container's user linux namespace (as
/// setns(2) leaves it). Async-signal-safe. False, with errno, where a step failed: the child must not go on
/// then.
bool confine(const Description& description) noexcept;

/// Gives up every capability: for a process that stays beside the rank, and never calls exec(3), by which it
/// could have again what is in the bounding set (capabilities(7)).
bool give_up_capabilities() noexcept;

}  // namespace mpi_podman
