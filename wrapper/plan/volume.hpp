/// The words of --volume.
#pragma once

#include <string>

namespace mpi_podman {

/// Where a --volume of the user's lands in the container: the second of its fields, as podman cleans it.
std::string volume_target(const std::string& volume);

/// What of the host it shows there; a name without a slash is one of podman's own volumes.
std::string volume_source(const std::string& volume);

/// The same volume where its source is a path from the current directory, which podman knows by a leading
/// dot: with the path from `cwd`, so that it means the same to whoever starts the container, from wherever.
/// Without a colon it names none, but a place in the container.
std::string volume_from(const std::string& cwd, const std::string& volume);

}  // namespace mpi_podman
