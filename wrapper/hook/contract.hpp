/// What a site asks of the hook, by the environment that its hook configuration gives it.
///
/// The variables are the field's MPI hook's: LDCONFIG_PATH and MPI_LIBS must be there;
/// MPI_COMPATIBILITY_TYPE, MPI_DEPENDENCY_LIBS, BIND_MOUNTS and HOOK_ROOTLESS may. Lists are separated by
/// colons; empty parts do not count.
#pragma once

#include <string>
#include <vector>

#include "abi/abi_check.hpp"
#include "launcher/environment.hpp"
#include "sys/result.hpp"

namespace mpi_podman {

struct Contract {
    std::string ldconfig;                    ///< the host's, trusted
    std::vector<std::string> mpi_libraries;  ///< of the host; take the place of the container's
    std::vector<std::string> dependencies;   ///< what those need: take a place, or are added
    std::vector<std::string> bind_mounts;    ///< at the same path; files, directories, devices
    AbiCheck check = AbiCheck::major;        ///< also where the word is not known
    bool rootless = false;  ///< else the runtime keeps devices from containers by their cgroup
    bool operator==(const Contract&) const = default;
};

/// Pure. Fails with the variable's name where one is missing or a path is not absolute.
Result<Contract> contract_from(const Environment& environment);

}  // namespace mpi_podman
