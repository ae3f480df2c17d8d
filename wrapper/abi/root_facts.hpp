/// What an image, or this host, has of MPI and around it: found by looking at its files, nothing of it is
/// run.
#pragma once

#include <string>
#include <vector>

#include "abi/library.hpp"
#include "abi/mpi_family.hpp"
#include "elf/closure.hpp"
#include "elf/search_rules.hpp"
#include "rootfs/rootfs.hpp"

namespace mpi_podman {

/// The variables that say where programs and libraries are.
struct Places {
    std::string path, library_path;     ///< PATH and LD_LIBRARY_PATH
    std::string cwd = "/";              ///< what is relative is below it
    std::vector<std::string> prefixes;  ///< of MPIs in places of their own (--mpi-prefix), looked at first
    bool operator==(const Places&) const = default;
};
/// Of an environment, NAME=VALUE.
Places places_of(const std::vector<std::string>& environment, const std::string& cwd);

struct MpiInstallation {
    MpiFamily family = MpiFamily::none;
    std::string vendor;   ///< where it is not the family's own project: "Intel MPI"
    std::string release;  ///< "4.1.4"; "4.1" where the library does not say; empty where nothing is known
    Library libmpi;       ///< its C library, or that of the standard ABI
    std::vector<std::string> names;  ///< of that library in its directory: libmpich.so.12, libmpi.so.12
    std::vector<Library> others;     ///< C++, Fortran ... of the same directory and family
    bool found_by_loader = false;    ///< without RPATH, under one of these names
    bool operator==(const MpiInstallation&) const = default;
};

struct ReleasedLibrary {
    Library library;
    std::string release;  ///< empty where it cannot be told
    bool found_by_loader = false;
    bool operator==(const ReleasedLibrary&) const = default;
};

struct RootFacts {
    Architecture architecture;  ///< of its loader; machine 0 where it has none
    LibcFamily libc = LibcFamily::none;
    std::string libc_release;  ///< "2.36"; of musl "1.2.3"
    std::string interpreter;
    std::vector<std::string> library_path, default_directories;
    bool has_cache = false;
    std::string cache_problem;
    std::vector<std::string> directories;     ///< where libraries were looked for, in this order
    std::vector<MpiInstallation> mpis;        ///< those the loader finds first
    std::vector<ReleasedLibrary> pmi;         ///< libpmi, libpmi2, libpmix
    std::vector<ReleasedLibrary> transports;  ///< libucp, libfabric, libibverbs ...
    bool operator==(const RootFacts&) const = default;
};

RootFacts root_facts(const Rootfs& root, const Places& places);

}  // namespace mpi_podman
