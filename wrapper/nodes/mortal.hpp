/// Children that end with this process, however that ends.
#pragma once

#include "sys/process.hpp"

namespace mpi_podman {

/// spawn(), and a SIGTERM for the child when this process dies.
Result<Child> spawn_mortal(Spawn how);

}  // namespace mpi_podman
