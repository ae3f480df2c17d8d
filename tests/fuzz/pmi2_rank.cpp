/// A rank that speaks PMI-2. The first byte says whether it begins with a fullinit, and whether the lines
/// that follow are bodies that want a length in front (which a fuzzer seldom guesses) or are written as they
/// are.
#include "fuzz/rank.hpp"
#include "unit/pmi/framed.hpp"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* bytes, std::size_t size) {
    if (size == 0) {
        return 0;
    }
    const bool inits = (bytes[0] & 1U) != 0, frames = (bytes[0] & 2U) != 0;
    auto rest = mpi_podman::fuzz::text_of(bytes + 1, size - 1);
    std::string all = "cmd=init pmi_version=2 pmi_subversion=0\n";
    all += inits ? mpi_podman::test::pmi2("cmd=fullinit;pmirank=0;") : "";
    while (frames && !rest.empty()) {
        const auto end = std::min({rest.find('\n'), rest.size(), std::size_t{999'999}});
        all += mpi_podman::test::pmi2(std::string(rest.substr(0, end)));
        rest.remove_prefix(std::min(end + 1, rest.size()));
    }
    all += rest;
    mpi_podman::fuzz::serve(all, bytes[0]);
    return 0;
}
