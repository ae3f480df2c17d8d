/// --check: looks, prints, and says by its exit status whether something can run.
#pragma once

#include "check/gather.hpp"

namespace mpi_podman {

/// The exit status: 0 where one of the strategies works, with a caveat or without; 1 where none does. An
/// Error where it could not be found out. Of a job's ranks the first speaks for all.
Result<int> check(const CheckQuestion& question);

}  // namespace mpi_podman
