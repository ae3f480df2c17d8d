/// Which release a library is of, by the texts in it: nothing is run for it.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "abi/mpi_family.hpp"
#include "rootfs/rootfs.hpp"

namespace mpi_podman {

/// The release of an MPI, by its own text ("4.1.4", a string of its own in libmpi); only the series ("4.1")
/// where no text fits the ABI version; empty where neither is known.
std::string mpi_release(const std::vector<std::string>& constants, MpiFamily family,
                        const AbiVersion& version);

/// Who made it, where that is somebody else than the family's own project: "Intel MPI", "Cray MPICH",
/// "MVAPICH"; empty for the project's own.
std::string mpi_vendor(const std::vector<std::string>& constants);

/// Releases of the libraries beside MPI, by SONAME's stem: libpmix, libucp, libfabric, libibverbs. Empty for
/// others, and where it cannot be told.
std::string release_of(const Rootfs& root, const Library& library);

/// Of libc.so.6, by its banner; where it has none by the newest version it defines, though there are releases
/// that define none.
std::string glibc_release(const Rootfs& root, const std::string& libc);

/// Of musl's loader, which is its C library too.
std::string musl_release(const Rootfs& root, const std::string& interpreter);

/// All texts x.y.z with an optional suffix ("5.0.7a1") that end with a NUL, in their order, each once.
std::vector<std::string> version_texts(std::string_view bytes);

}  // namespace mpi_podman
