/// A piece of an exchange, as another node's server put it.
#include "pmi/base64.hpp"

#include "fuzz/require.hpp"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* bytes, std::size_t size) {
    using namespace mpi_podman;
    const auto text = fuzz::text_of(bytes, size);
    const auto decoded = pmi::from_base64(text);
    fuzz::require(!decoded || pmi::to_base64(*decoded) == text, "bytes have one text");
    const auto again = pmi::from_base64(pmi::to_base64(text));
    fuzz::require(again && *again == text, "all bytes are carried");
    return 0;
}
