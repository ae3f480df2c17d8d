/// What this node says of itself (mpi-podman --check=node).
#pragma once

#include <cstdint>
#include <string>
#include <string_view>

#include "check/gather.hpp"
#include "check/node_facts.hpp"

namespace mpi_podman {

NodeFacts facts_of_this_node(const CheckQuestion& question);

/// How many ids the lines of subuid(5) give a user, by name or by number. Pure.
std::uint64_t ids_in(std::string_view text, const std::string& user, unsigned uid);

}  // namespace mpi_podman
