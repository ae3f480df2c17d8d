/// All that belongs to one installed MPI: what must be there for it to run elsewhere.
#pragma once

#include <string>
#include <vector>

#include "abi/command_facts.hpp"
#include "abi/root_facts.hpp"

namespace mpi_podman {

/// Objects that a library opens by itself (dlopen(3)), and the directory they are in.
struct PluginDirectory {
    std::string path;    ///< without symbolic links
    std::string opener;  ///< SONAME's stem of the library that opens them: libmpi, libpmix, libucs
    std::vector<std::string> plugins;  ///< paths
    bool operator==(const PluginDirectory&) const = default;
};

struct HostMpi {
    MpiInstallation mpi;
    Architecture architecture;
    LibcFamily libc = LibcFamily::none;
    std::string libc_release;
    /// libmpi, its other bindings, and what they need: without these nothing runs. The C library's own parts
    /// are among them.
    std::vector<UsedLibrary> libraries;
    std::vector<MissingLibrary> missing;  ///< for libmpi: then it does not run on the host either
    std::vector<UnmetVersion> unmet;
    std::vector<PluginDirectory> plugin_directories;
    /// What plugins need besides: a plugin that cannot be opened is left out by its opener.
    std::vector<UsedLibrary> plugin_libraries;
    bool operator==(const HostMpi&) const = default;
};

/// `mpi` is one of `facts.mpis`, which are root_facts(host, places).
HostMpi host_mpi(const Rootfs& host, const Places& places, const RootFacts& facts,
                 const MpiInstallation& mpi);

/// What the image's loader finds under the names of the host's libraries, for a program without RPATH.
std::vector<Library> counterparts(const Rootfs& image, const Places& places, const HostMpi& host);

}  // namespace mpi_podman
