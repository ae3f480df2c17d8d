/// The container's ld.so.cache made anew, so that its loader finds what was mounted.
#pragma once

#include <string>

#include "hook/root.hpp"
#include "sys/result.hpp"

namespace mpi_podman {

/// Runs the host's ldconfig on the container and mounts what it writes over /etc/ld.so.cache.
///
/// ldconfig goes by files of the image (/etc/ld.so.conf and what that includes) and would write where they,
/// and the links in its path, lead: into a volume of the user's, say. So it sees the container read-only,
/// from within (chroot(2)), with no environment, and writes to a tmpfs of its own; it makes no links (-X). It
/// has 60 seconds: a FIFO in the place of a file would hold it for ever. `scratch` is a directory of this
/// host that is covered meanwhile, in a mount namespace of this process alone.
Result<void> refresh_loader_cache(const Root& root, const std::string& ldconfig, const std::string& scratch);

}  // namespace mpi_podman
