/// What the table of options cannot express. Of the CLI room alone.
#pragma once

#include "cli/options.hpp"

namespace mpi_podman {

/// Fails where a value is none of its option's.
Result<void> validate_values(const Options& options);

/// Fails where a value is none, or options contradict each other.
Result<void> validate(const Options& options);

}  // namespace mpi_podman
