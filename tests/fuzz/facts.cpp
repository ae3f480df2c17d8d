/// Facts that are kept in a file below the user's home, and that nodes tell each other: JSON.
#include "abi/facts_json.hpp"
#include "check/node_facts.hpp"
#include "fuzz/require.hpp"

namespace mpi_podman {
namespace {

template <typename Facts, typename Read, typename Write>
void require_round_trip(std::string_view text, Read read, Write write) {
    if (const std::optional<Facts> facts = read(text)) {
        const std::string line = write(*facts);
        fuzz::require(line.find('\n') >= line.size() - 1, "facts are a line");
        fuzz::require(read(line) == facts, "facts are read as they were written");
    }
}

}  // namespace
}  // namespace mpi_podman

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* bytes, std::size_t size) {
    using namespace mpi_podman;
    const auto text = fuzz::text_of(bytes, size);
    const auto as_json = [](const auto& facts) { return json_of(facts); };
    require_round_trip<RootFacts>(text, root_facts_from, as_json);
    require_round_trip<CommandFacts>(text, command_facts_from, as_json);
    require_round_trip<HostMpi>(text, host_mpi_from, as_json);
    require_round_trip<std::vector<Library>>(text, libraries_from, as_json);
    require_round_trip<NodeFacts>(text, node_facts_from, [](const auto& facts) { return line_of(facts); });
    return 0;
}
