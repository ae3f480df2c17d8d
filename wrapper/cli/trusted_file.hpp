/// Files that decide for the user what is run.
#pragma once

#include <string>

#include "sys/result.hpp"

namespace mpi_podman {

/// The whole of such a file; of a device or a FIFO nothing. Fails where it is another user's than this one's
/// or root's, or where others may change it, or put another in its place: they would say which podman is run,
/// and with what.
Result<std::string> read_trusted(const std::string& file);

}  // namespace mpi_podman
