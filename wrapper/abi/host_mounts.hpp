/// The host's MPI in the container: which of the host's files it sees, and where.
#pragma once

#include <string>
#include <vector>

#include "abi/host_mpi.hpp"
#include "abi/placement.hpp"

namespace mpi_podman {

/// A file or directory of the host that the container sees, read-only.
struct HostMount {
    std::string source, target;
    bool operator==(const HostMount&) const = default;
};

/// Adds one; of two for one place, of which podman takes one, the first stays.
void add_mount(std::vector<HostMount>& mounts, HostMount more);

/// Where the container has the host's libraries, each under the name it is asked for by. Always the same
/// place, so that a rank that joins can name it in LD_LIBRARY_PATH without having looked at anything; and not
/// among the image's, so that its other libraries stay as they are.
inline constexpr std::string_view host_mpi_directory = "/run/mpi-podman/host-mpi/lib";

/// A host MPI's directory as the user named it, which its libraries may have been told too, and as it is.
struct MpiPrefix {
    std::string typed, real;  ///< empty: none was named
    bool operator==(const MpiPrefix&) const = default;
};

/// Pure. The libraries that are the host's to bring, by SONAME; those of MPICH also under the name that the
/// image asks for (`image_names`: libmpi.so.12 is Debian's libmpich.so.12). Its directories of plugins and
/// `files`, which are found by compiled-in paths, at their own.
std::vector<HostMount> host_mounts(const HostMpi& host, const std::vector<Placement>& placements,
                                   const std::vector<std::string>& image_names,
                                   const std::vector<std::string>& files, const MpiPrefix& prefix);

/// Pure. DT_RPATH goes before LD_LIBRARY_PATH (ld.so(8)): where `loaded`, what the loader finds with
/// host_mounts() in place, has the image's library for one of the host's, the host's goes over that file.
std::vector<HostMount> mounts_over_image(const std::vector<UsedLibrary>& loaded,
                                         const std::vector<Placement>& placements);

/// Help texts, parameter files and drivers' descriptions of this MPI that are there on the host.
std::vector<std::string> files_of(const Rootfs& host, const HostMpi& mpi);

}  // namespace mpi_podman
