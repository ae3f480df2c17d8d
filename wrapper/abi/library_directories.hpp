/// Where a root may have libraries. Of the ABI room alone.
#pragma once

#include <string>
#include <vector>

#include "abi/root_facts.hpp"

namespace mpi_podman {

/// Directories that exist, each once, without symbolic links: those of the prefixes, those that the loader
/// goes by, and then where distributions and sites put MPIs that are found by RPATH or modules only.
std::vector<std::string> library_directories(const Rootfs& root, const SearchRules& rules,
                                             const Places& places);

/// Directories, there or not, in which a new one would be another place for libraries.
std::vector<std::string> parents_of_library_directories(const Rootfs& root, const Places& places);

}  // namespace mpi_podman
