/// What an OCI runtime hands to mpi-podman-hook: the first byte says which of the three. The environment of
/// the site's configuration, NUL behind each variable; the State on stdin; the bundle's config.json, which
/// has in it what images say.
#include <algorithm>

#include "fuzz/told.hpp"
#include "fuzz/words.hpp"
#include "hook/container.hpp"
#include "hook/contract.hpp"

namespace mpi_podman {
namespace {

using fuzz::require;

void take_contract(std::string_view text) {
    Environment environment;
    for (const auto& entry : fuzz::split(text, '\0')) {
        const auto equals = std::min(entry.find('='), entry.size());
        environment.try_emplace(entry.substr(0, equals), entry.substr(std::min(equals + 1, entry.size())));
    }
    const auto contract = contract_from(environment);
    fuzz::require_told(contract);
    if (!contract) {
        return;
    }
    require(contract->ldconfig.starts_with('/') && !contract->mpi_libraries.empty(), "what must be there is");
    for (const auto* list : {&contract->mpi_libraries, &contract->dependencies, &contract->bind_mounts}) {
        require(std::ranges::all_of(*list, [](const auto& path) { return path.starts_with('/'); }),
                "paths are absolute");
        require(
            std::ranges::all_of(*list, [](const auto& path) { return path.find(':') == std::string::npos; }),
            "a colon is between paths");
    }
}

void take_state(std::string_view text) {
    const auto state = container_state(text);
    fuzz::require_told(state);
    require(!state || state->bundle.starts_with('/'), "a bundle is a path");
}

void take_config(std::string_view text) {
    const auto config = container_config(text, "/bundle");
    fuzz::require_told(config);
    if (config) {
        require(config->root.starts_with('/'), "a root is a path");
        require(std::ranges::all_of(config->tmpfs, [](const auto& path) { return path.starts_with('/'); }),
                "places are paths");
    }
}

}  // namespace
}  // namespace mpi_podman

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* bytes, std::size_t size) {
    using namespace mpi_podman;
    if (size == 0) {
        return 0;
    }
    const auto text = fuzz::text_of(bytes + 1, size - 1);
    switch (bytes[0]) {
        case 'e': take_contract(text); break;
        case 's': take_state(text); break;
        case 'c': take_config(text); break;
        default: break;
    }
    return 0;
}
