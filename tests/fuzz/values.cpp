/// Keys and values from another bridge.
#include "pmi/values.hpp"

#include "fuzz/require.hpp"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* bytes, std::size_t size) {
    using namespace mpi_podman;
    if (const auto values = pmi::decode_values(fuzz::text_of(bytes, size))) {
        const auto text = pmi::encode_values(*values);
        const auto again = pmi::decode_values(text);
        fuzz::require(text.size() <= size, "nothing is added");
        fuzz::require(again && *again == *values, "values are decoded as they were encoded");
    }
    return 0;
}
