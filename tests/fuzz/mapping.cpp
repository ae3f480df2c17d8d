/// A launcher's process mapping: the first byte is how many ranks there are.
#include "pmi/mapping.hpp"

#include "fuzz/require.hpp"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* bytes, std::size_t size) {
    using namespace mpi_podman;
    if (size == 0) {
        return 0;
    }
    const std::uint32_t ranks = bytes[0];
    const auto mapping = pmi::decode_mapping(fuzz::text_of(bytes + 1, size - 1), ranks);
    if (!mapping) {
        return 0;
    }
    fuzz::require(mapping->size() == ranks, "every rank is on a node");
    if (ranks > 0) {
        const auto again = pmi::decode_mapping(pmi::encode_mapping(*mapping), ranks);
        fuzz::require(again && *again == *mapping, "a mapping is read as it was written");
    }
    return 0;
}
