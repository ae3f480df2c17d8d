/// Which of the host's libraries go into the image with its MPI, and which the image keeps: of two libraries
/// with one SONAME a process can only have one.
#pragma once

#include <array>
#include <cstdint>
#include <string>
#include <string_view>
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

/// The parts of glibc by SONAME, its loader left out. Those of the name service are opened by libc.so.6
/// itself (nss(5)).
inline constexpr std::array<std::string_view, 17> libc_parts{"libc.so.6",
                                                             "libm.so.6",
                                                             "libpthread.so.0",
                                                             "libdl.so.2",
                                                             "librt.so.1",
                                                             "libresolv.so.2",
                                                             "libutil.so.1",
                                                             "libanl.so.1",
                                                             "libmvec.so.1",
                                                             "libnsl.so.1",
                                                             "libthread_db.so.1",
                                                             "libBrokenLocale.so.1",
                                                             "libnss_files.so.2",
                                                             "libnss_dns.so.2",
                                                             "libnss_compat.so.2",
                                                             "libnss_hesiod.so.2",
                                                             "libc_malloc_debug.so.0"};

/// Whether this SONAME is one of these in any version, or the loader: they only work with each other.
bool is_part_of_libc(std::string_view soname);

/// The versions of `library` (a SONAME) that `needing` needs and `definitions` lack. A library without any
/// versions has them all, as the loader sees it.
std::vector<std::string> versions_lacking(const Library& needing, const std::string& library,
                                          const std::vector<std::string>& definitions);

}  // namespace mpi_podman
