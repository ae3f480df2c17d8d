/// --mpi=host:NAME: the MPIs of the host that configuration files give names to.
#pragma once

#include <vector>

#include "cli/configured.hpp"
#include "cli/options.hpp"
#include "sys/result.hpp"

namespace mpi_podman {

/// Pure. The options with mpi_prefix as configured, for --mpi=host, --mpi=host:NAME and --check. What is
/// typed as --mpi-prefix goes before a default. Fails where NAME is not known, and says which are.
Result<Options> with_named_mpi(Options options, const std::vector<ConfiguredMpi>& known);

}  // namespace mpi_podman
