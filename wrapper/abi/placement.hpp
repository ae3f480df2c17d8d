/// Which of the host's libraries go into the image with its MPI, and which the image keeps: of two libraries
/// with one SONAME a process can only have one.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "abi/host_mpi.hpp"

namespace mpi_podman {

enum class Keeper : std::uint8_t { host, image };

struct Placement {
    std::string soname;
    Keeper keeper = Keeper::host;
    std::string reason;
    UsedLibrary host;
    bool for_plugins_only = false;
    bool operator==(const Placement&) const = default;
};

/// Whose C library and loader the process gets.
enum class LibcFrom : std::uint8_t { image, host };

/// Pure. The C library's own parts go together, as `libc` says. MPI, PMI and the transports are the host's.
/// Of anything else the image's is kept where it will do: it defines every version that the host's libraries
/// need of it, or where there are no versions, is not older.
std::vector<Placement> place_libraries(const HostMpi& host, const std::vector<Library>& counterparts,
                                       LibcFrom libc);

/// Whether this SONAME is a part of glibc, which only works with the loader it was built with.
bool is_part_of_libc(std::string_view soname);

/// The versions of `library` (a SONAME) that `needing` needs and `definitions` lack. A library without any
/// versions has them all, as the loader sees it.
std::vector<std::string> versions_lacking(const Library& needing, const std::string& library,
                                          const std::vector<std::string>& definitions);

}  // namespace mpi_podman
