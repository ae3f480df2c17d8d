/// What --ulimit asks for, as the kernel takes it.
#pragma once

#include <sys/resource.h>

#include <string>
#include <vector>

#include "sys/result.hpp"

namespace mpi_podman {

/// An argument of setrlimit(2).
struct ResourceLimit {
    int which;  ///< RLIMIT_...
    rlim_t soft, hard;
    bool operator==(const ResourceLimit&) const = default;
};

/// Reads NAME=SOFT[:HARD], -1 for none, with the names of podman-run(1); "host" asks for nothing. Fails with
/// Status::usage where it is anything else.
Result<std::vector<ResourceLimit>> resource_limits(const std::vector<std::string>& typed);

}  // namespace mpi_podman
