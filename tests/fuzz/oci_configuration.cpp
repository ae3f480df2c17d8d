/// The configuration that podman wrote for a container, with what its image says in it.
#include "fuzz/told.hpp"
#include "join/description.hpp"
#include "run/oci_mounts.hpp"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* bytes, std::size_t size) {
    using namespace mpi_podman;
    const auto text = fuzz::text_of(bytes, size);
    static_cast<void>(oci_mounts(text));
    const auto description = description_from_oci(text);
    fuzz::require_told(description);
    if (description) {
        const auto again = decode(encode(*description));
        fuzz::require(again && *again == *description, "it reaches the other ranks as it is");
        constexpr std::size_t instruction = 8;  // struct sock_filter
        fuzz::require(description->seccomp.size() % instruction == 0, "a filter is whole instructions");
    }
    return 0;
}
