/// The host's C library in the container, where the image's is too old for the host's MPI.
#pragma once

#include <vector>

#include "abi/host_mounts.hpp"
#include "abi/root_facts.hpp"

namespace mpi_podman {

/// Whether the host's glibc can stand in the image's place: it is a newer one. Programs go on with it, as its
/// symbol versions are for (GLIBC_2.31 is in 2.36 too); with an older one they would not.
bool can_bring_libc(const RootFacts& image, const HostMpi& host);

/// Every part of the host's glibc that is there, with its loader and character sets: they work with each
/// other alone. They go over the image's files, so that it does not matter by which way a process of the
/// container comes to them; what the image has not goes to the host's MPI.
std::vector<HostMount> libc_mounts(const Rootfs& host, const Rootfs& image, const Places& in_image);

}  // namespace mpi_podman
