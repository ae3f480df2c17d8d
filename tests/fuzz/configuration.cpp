/// A configuration file of a site or a user.
#include <algorithm>

#include "cli/config_page.hpp"
#include "cli/configured.hpp"
#include "cli/named_mpi.hpp"
#include "fuzz/told.hpp"

namespace mpi_podman {
namespace {

using fuzz::require;

/// What is asked of a node with this configuration, and with this profile of it.
void use(const Configured& configured, const std::vector<std::string>& words) {
    const auto options = parse_options(words, configured).and_then([&](const Options& parsed) {
        return with_named_mpi(parsed, configured.mpis);
    });
    fuzz::require_told(options);
    require(!config_page(configured, words, {}).empty(), "there is always something to say");
}

}  // namespace
}  // namespace mpi_podman

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* bytes, std::size_t size) {
    using namespace mpi_podman;
    const auto configured = parse_config(std::string(fuzz::text_of(bytes, size)), "/etc/f");
    if (!configured) {
        fuzz::require_told(configured.error());
        fuzz::require(configured.error().message.starts_with("/etc/f:"), "an error says where it is");
        return 0;
    }
    for (const auto& mpi : configured->mpis) {
        fuzz::require(!mpi.name.empty() && mpi.prefix.starts_with('/') && mpi.prefix != "/",
                      "an MPI has a place");
    }
    fuzz::require(std::ranges::count_if(configured->mpis, &ConfiguredMpi::is_default) <= 1,
                  "there is one default");
    use(*configured, {"image"});
    for (const auto& [name, settings] : configured->profiles) {
        use(*configured, {"--profile=" + name, "image"});
    }
    const auto twice = combined(*configured, *configured);
    fuzz::require(twice.mpis == configured->mpis && twice.files.size() == 2 * configured->files.size(),
                  "what is said again adds settings, and replaces MPIs");
    return 0;
}
