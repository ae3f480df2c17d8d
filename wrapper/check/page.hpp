/// A CheckReport for a person. Pure.
#pragma once

#include <string>

#include "check/report.hpp"

namespace mpi_podman {

std::string page_of(const CheckReport& report);

/// "mpirun (Open MPI 4) 4.1.4"
std::string describe(const HostLauncher& launcher);

}  // namespace mpi_podman
