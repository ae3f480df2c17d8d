/// The ld.so.cache of an image.
#include "elf/loader_cache.hpp"

#include "fuzz/require.hpp"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* bytes, std::size_t size) {
    using namespace mpi_podman;
    if (const auto cache = parse_loader_cache(fuzz::text_of(bytes, size))) {
        for (const auto& entry : cache->entries) {
            fuzz::require(entry.name.size() + entry.path.size() < 2 * size, "names are of the file");
            fuzz::require(entry.hwcaps.empty() || entry.legacy_hwcap == 0, "an entry has one kind of hwcap");
        }
    }
    return 0;
}
