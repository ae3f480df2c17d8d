/// Programs that are at work for long: bounded in time, and ended with this process.
#pragma once

#include <chrono>
#include <functional>
#include <string>
#include <vector>

#include "inspect/command.hpp"
#include "sys/result.hpp"

namespace mpi_podman {

/// Runs `argv` to its end, for an hour at most; calls `alive` twice a second. Of what it says the last MiB is
/// kept.
Result<Answer> run_watched(const std::vector<std::string>& argv, const std::function<void()>& alive);

}  // namespace mpi_podman
