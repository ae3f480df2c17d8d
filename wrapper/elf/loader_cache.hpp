/// /etc/ld.so.cache, as glibc's loader reads it: ldconfig(8) writes it, the loader asks nothing else about
/// the directories of /etc/ld.so.conf.
///
/// Source: the layout of glibc's sysdeps/generic/dl-cache.h, which is the only description there is.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "elf/elf_file.hpp"
#include "sys/result.hpp"

namespace mpi_podman {

struct CacheEntry {
    std::string name, path;  ///< libmpi.so.40, /usr/lib/x86_64-linux-gnu/libmpi.so.40
    std::uint32_t flags = 0;
    std::uint64_t legacy_hwcap =
        0;               ///< not 0: in a subdirectory that glibc up to 2.36 chose by the processor
    std::string hwcaps;  ///< the subdirectory of glibc-hwcaps it is in: "x86-64-v3"; or empty
    bool operator==(const CacheEntry&) const = default;
};

struct LoaderCache {
    std::vector<CacheEntry> entries;  ///< in the file's order
    bool operator==(const LoaderCache&) const = default;
};

/// Reads the format of today ("glibc-ld.so.cache1.1"), the one before ("ld.so-1.7.0"), and one behind the
/// other, where the newer counts. Fails where an offset leads out of the file, or for the other byte order.
Result<LoaderCache> parse_loader_cache(std::string_view bytes);

/// Whether the loader of such programs takes an entry with these flags. Of architectures not known here it
/// takes all: the file itself then decides.
bool is_for(const CacheEntry& entry, const Architecture& architecture);

}  // namespace mpi_podman
