/// What somebody sent to the agent's socket.
#include "wire/frame.hpp"

#include <algorithm>

#include "fuzz/require.hpp"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* bytes, std::size_t size) {
    using namespace mpi_podman;
    const auto all = std::as_bytes(std::span(bytes, size));
    const auto frame = decode_frame(all);
    if (frame && frame->say != Say::refused) {
        fuzz::require(std::ranges::equal(encode_frame(*frame), all), "a word has one frame");
    }
    return 0;
}
