/// The description of a node's container, from who holds its socket.
#include "join/description.hpp"

#include "fuzz/require.hpp"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* bytes, std::size_t size) {
    using namespace mpi_podman;
    if (const auto description = decode(fuzz::text_of(bytes, size))) {
        const auto text = encode(*description);
        const auto again = decode(text);
        fuzz::require(text.size() == size, "a description has no other bytes");
        fuzz::require(again && *again == *description, "a description is decoded as it was encoded");
    }
    return 0;
}
