/// Facts of images and hosts, as they are of Debian's.
#pragma once

#include <string>
#include <vector>

#include "abi/verdict.hpp"

namespace mpi_podman::test {

inline Library sample_library(const std::string& soname, const AbiVersion& version) {
    const auto path = "/usr/lib/" + soname;
    return {path, path, soname, version, {}, {}};
}

inline UsedLibrary used(const Library& library) {
    return {library, library.soname, "/bin/ring", FoundBy::cache};
}

inline MpiInstallation open_mpi(const std::string& release, const AbiVersion& version, bool cxx = true) {
    MpiInstallation mpi{MpiFamily::open_mpi, "", release, sample_library("libmpi.so.40", version),
                        {"libmpi.so.40"},    {}, true};
    if (cxx) {
        mpi.others.push_back(sample_library("libmpi_cxx.so.40", version));
    }
    return mpi;
}

inline MpiInstallation mpich(const std::string& release, const AbiVersion& version,
                             const std::string& soname) {
    return {MpiFamily::mpich, "", release, sample_library(soname, version), {soname}, {}, true};
}

inline Library glibc(const std::vector<std::string>& versions) {
    auto libc = sample_library("libc.so.6", {6});
    libc.version_definitions = versions;
    return libc;
}

/// With a glibc and an MPI, or none.
inline RootFacts root_with(const std::vector<MpiInstallation>& mpis, const std::string& libc = "2.36") {
    RootFacts facts;
    facts.architecture = own_architecture();
    facts.libc = LibcFamily::glibc;
    facts.libc_release = libc;
    facts.mpis = mpis;
    return facts;
}

/// A program linked with these, found where they are.
inline CommandFacts linked_with(const std::vector<Library>& libraries) {
    CommandFacts facts;
    facts.asked = "ring";
    facts.state = CommandState::runs;
    facts.path = facts.program = "/bin/ring";
    facts.architecture = own_architecture();
    for (const auto& library : libraries) {
        facts.libraries.push_back(used(library));
    }
    return facts;
}

/// A host's MPI whose libmpi needs this version of glibc.
inline HostMpi host_with(const MpiInstallation& mpi, const std::string& needs = "GLIBC_2.34",
                         const std::string& libc = "2.36") {
    HostMpi host;
    host.mpi = mpi;
    host.mpi.libmpi.version_needs = {{"libc.so.6", needs, false}};
    host.architecture = own_architecture();
    host.libc = LibcFamily::glibc;
    host.libc_release = libc;
    host.libraries = {used(host.mpi.libmpi), used(glibc({"GLIBC_2.31", "GLIBC_2.34", "GLIBC_2.36"}))};
    return host;
}

inline const auto ompi_41 = open_mpi("4.1.4", {40, 30, 4});
inline const auto ompi_50 = open_mpi("5.0.7", {40, 40, 7}, false);
inline const auto mpich_40 = mpich("4.0.2", {12, 2, 2}, "libmpich.so.12");
inline const auto mpich_42 = mpich("4.2.1", {12, 4, 1}, "libmpi.so.12");
inline const auto new_glibc = glibc({"GLIBC_2.31", "GLIBC_2.34", "GLIBC_2.36", "GLIBC_2.38"});
inline const auto old_glibc = glibc({"GLIBC_2.31"});

/// All that was said, for a test to look into.
inline std::string words_of(const Verdict& verdict) {
    std::string words;
    for (const auto& reason : verdict.reasons) {
        words += std::string(name_of(reason.outcome)) + ": " + reason.what + " | " + reason.why + " | " +
                 reason.remedy + "\n";
    }
    return words;
}

}  // namespace mpi_podman::test
