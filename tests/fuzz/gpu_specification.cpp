/// A specification of a node's GPUs (Container Device Interface): YAML, or JSON.
#include <set>

#include "fuzz/told.hpp"
#include "inspect/devices.hpp"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* bytes, std::size_t size) {
    using namespace mpi_podman;
    const auto text = fuzz::text_of(bytes, size);
    std::vector<Gpus> found;
    const auto taken = take_gpus(text, "/etc/cdi/f", found);
    if (!taken) {
        fuzz::require_told(taken.error());
        fuzz::require(taken.error().message.starts_with("/etc/cdi/f: "), "an error says where it is");
        return 0;
    }
    fuzz::require(found.size() <= 1, "a specification is of one kind");
    const auto before = found;
    fuzz::require(take_gpus(text, "/etc/cdi/g", found) && found == before, "said again it adds nothing");
    for (const auto& gpus : found) {
        fuzz::require(std::set(gpus.names.begin(), gpus.names.end()).size() == gpus.names.size(),
                      "each name once");
    }
    return 0;
}
