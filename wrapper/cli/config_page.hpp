/// What --config prints.
#pragma once

#include <string>
#include <vector>

#include "cli/configured.hpp"

namespace mpi_podman {

/// Pure. Every option with its value and where that comes from, as a configuration file that says the same.
/// `variables` are the names of all there are: those that look like an option's and are none are told.
std::string config_page(const Configured& configured, const std::vector<std::string>& argv,
                        const std::vector<std::string>& variables);

}  // namespace mpi_podman
