/// Facts as JSON and back: for the cache, and for who wants to read them.
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "abi/command_facts.hpp"
#include "abi/host_mpi.hpp"
#include "abi/root_facts.hpp"
#include "abi/verdict.hpp"

namespace mpi_podman {

/// One line. Bytes that are no UTF-8 (in paths, say) are replaced.
std::string json_of(const RootFacts& facts);
std::string json_of(const CommandFacts& facts);
std::string json_of(const HostMpi& host);
std::string json_of(const Verdict& verdict);
std::string json_of(const std::vector<Library>& libraries);

/// Nothing where the text is not what json_of() writes.
std::optional<RootFacts> root_facts_from(std::string_view text);
std::optional<CommandFacts> command_facts_from(std::string_view text);
std::optional<HostMpi> host_mpi_from(std::string_view text);
std::optional<std::vector<Library>> libraries_from(std::string_view text);

}  // namespace mpi_podman
