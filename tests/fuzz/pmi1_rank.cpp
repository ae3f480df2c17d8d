/// A rank that speaks PMI-1: the first byte says whether it begins with an init, the others are what it
/// writes.
#include "fuzz/rank.hpp"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* bytes, std::size_t size) {
    if (size == 0) {
        return 0;
    }
    const bool inits = (bytes[0] & 1U) != 0;
    std::string all = inits ? "cmd=init pmi_version=1 pmi_subversion=1\n" : "";
    all += mpi_podman::fuzz::text_of(bytes + 1, size - 1);
    mpi_podman::fuzz::serve(all, bytes[0]);
    return 0;
}
