/// The command line that a strategy is run with. Pure.
#pragma once

#include <string>
#include <vector>

#include "check/report.hpp"
#include "cli/options.hpp"

namespace mpi_podman {

/// The launcher's words, mpi-podman, what was typed as far as it is not about the check, IMAGE and COMMAND.
/// `words` are what makes it this strategy; they replace typed options of the same name.
std::vector<std::string> command_line(const HostLauncher& launcher, const std::vector<std::string>& words,
                                      const std::vector<Setting>& typed, const Options& options);

/// --mpi=host, with the name of one of several if that was typed.
std::string word_for_host_mpi(const std::vector<Setting>& typed);

}  // namespace mpi_podman
