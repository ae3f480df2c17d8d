#include "check/node_facts.hpp"
#include "sys/whole_json.hpp"

#include <nlohmann/json.hpp>

namespace mpi_podman {

using nlohmann::json;

// NOLINTBEGIN(cppcoreguidelines-*,modernize-*,misc-*): the library's macro
NLOHMANN_DEFINE_TYPE_NON_INTRUSIVE(NodeFacts, node, version, podman, subuids, subgids, image_id, host_mpis,
                                   session_directory, session_space, strategy, outcome, command_line,
                                   problems)
// NOLINTEND(cppcoreguidelines-*,modernize-*,misc-*)

std::string line_of(const NodeFacts& facts) {
    return json(facts).dump(-1, ' ', false, json::error_handler_t::replace) + "\n";
}

std::optional<NodeFacts> node_facts_from(std::string_view line) {
    try {
        return whole_json(line).get<NodeFacts>();
    } catch (const json::exception&) {
        return std::nullopt;
    }
}

}  // namespace mpi_podman
