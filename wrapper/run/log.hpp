/// The diagnostics behind --log-level and --log-file.
#pragma once

#include <string>

#include "cli/options.hpp"
#include "launcher/context.hpp"
#include "sys/result.hpp"

namespace mpi_podman {

/// Sets spdlog's default logger up: lines tagged with node and rank, on stderr or appended to the file.
/// Fails (Status::ours) where the file cannot be opened.
Result<void> start_log(const Options& options, const LauncherContext& context, const std::string& hostname);

}  // namespace mpi_podman
