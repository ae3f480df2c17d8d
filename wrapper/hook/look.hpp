/// What the hook's plan is made from: the host's libraries as the site names them, and what the container has
/// of the same. Nothing of either is run.
#pragma once

#include <cstdint>
#include <map>
#include <string>
#include <vector>

#include "abi/library.hpp"
#include "hook/contract.hpp"
#include "rootfs/rootfs.hpp"
#include "sys/result.hpp"

namespace mpi_podman {

/// A library that the site names.
struct NamedLibrary {
    std::string path;  ///< as the site names it
    Library library;   ///< with the version that the chain of file names tells
    bool operator==(const NamedLibrary&) const = default;

    [[nodiscard]] std::string name() const { return std::string(name_in(path)); }
};

enum class NameIs : std::uint8_t { link, file, directory };

struct TakenName {
    NameIs is = NameIs::file;
    std::string file;  ///< where a link leads; empty: nowhere
    bool operator==(const TakenName&) const = default;
};

struct HookFacts {
    std::vector<NamedLibrary> mpi, dependencies;
    /// Of the container's ld.so.cache, those that may be counterparts, and all of any MPI; each file once.
    std::vector<Library> cached;
    std::string cache_problem;  ///< why there are none; empty: it could be read
    /// The directories that every ldconfig and most loaders look through, without links: /usr/lib ...
    std::vector<std::string> directories;
    /// Of the names that a library may get in those, and in its counterparts' own, the ones there are.
    std::map<std::string, TakenName> taken;
    std::vector<std::string> devices;  ///< among the bind mounts
    bool read_only = false;            ///< the container's root: nothing can be made in it
    bool operator==(const HookFacts&) const = default;
};

/// Fails where one of the site's paths is not there, or not what it is to be.
Result<HookFacts> look_for_hook(const Contract& contract, const Rootfs& host, const Rootfs& container);

/// The names a library is to be found by, but for those of its counterparts: the chain libmpi.so,
/// libmpi.so.40,
/// ..., its file's, its SONAME, and that which all MPICHs share.
std::vector<std::string> names_of(const NamedLibrary& named);

/// Whether a library of the container has the host's place: the same name up to ".so", or in the MPICH ABI
/// the same shared name.
bool is_counterpart(const NamedLibrary& hosts, const Library& containers);

}  // namespace mpi_podman
