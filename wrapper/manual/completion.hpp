/// Completion of the command line in shells, made of the option table: options, their words, and the names of
/// images that are here.
#pragma once

#include <string>

namespace mpi_podman {

std::string bash_completion();
std::string zsh_completion();
std::string fish_completion();

}  // namespace mpi_podman
