/// The launcher's directories and files that a rank must see, out of the environment.
#pragma once

#include <string>
#include <vector>

#include "launcher/environment.hpp"
#include "launcher/launchers.hpp"
#include "sys/result.hpp"

namespace mpi_podman {

/// Sorted, none below another, never a place that other jobs share (/tmp, $TMPDIR, PMIX_SYSTEM_TMPDIR ...).
/// Fails where a variable names no absolute path or holds "..".
Result<std::vector<std::string>> session_paths(const LauncherRow& row, const Environment& environment);

/// The one directory of them that is the job's own and that the launcher removes with everything in it (tried
/// with Open MPI 4.1.4 and 5.0.7, Slurm 22.05 and 24.11: subdirectories and sockets included); empty where
/// there is none.
Result<std::string> session_directory(const LauncherRow& row, const Environment& environment);

}  // namespace mpi_podman
