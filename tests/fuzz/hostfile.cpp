/// A hostfile that a user wrote, or a launcher's.
#include "nodes/hostfile.hpp"

#include <set>

#include "fuzz/told.hpp"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* bytes, std::size_t size) {
    using namespace mpi_podman;
    const auto nodes = nodes_in(fuzz::text_of(bytes, size), "f");
    if (!nodes) {
        fuzz::require_told(nodes.error());
        fuzz::require(nodes.error().message.starts_with("f:"), "an error says where it is");
        return 0;
    }
    fuzz::require(!nodes->empty(), "there is a node");
    fuzz::require(std::set(nodes->begin(), nodes->end()).size() == nodes->size(), "each node is there once");
    std::string text;
    for (const auto& node : *nodes) {
        fuzz::require(node.front() != '-' && node.find_first_of(" \t=:;'\"$`\\/") == std::string::npos,
                      "ssh takes a node for nothing but a host");
        text += node + "\n";
    }
    fuzz::require(nodes_in(text, "f") == nodes, "the nodes are a hostfile");
    return 0;
}
