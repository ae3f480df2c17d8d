/// Errors on their way to the user: one line for each job and node.
#pragma once

#include <string>

#include "run/job_directory.hpp"
#include "sys/result.hpp"

namespace mpi_podman {

/// The line: "mpi-podman: NODE: what happened; what to do". Bytes that could steer a terminal become '?';
/// of a message longer than a screen only its begin and its end are there.
std::string to_line(const Error& error, const std::string& hostname);

/// Writes the line to stderr unless another rank of the job on this node did (`directory` may be null: no
/// job). Returns the exit status.
int report(const Error& error, const std::string& hostname, const JobDirectory* directory);

}  // namespace mpi_podman
