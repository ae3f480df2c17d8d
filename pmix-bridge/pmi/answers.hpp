/// What a PMI server's answers are made of, and which requests it does not take.
#pragma once

#include <optional>
#include <string>
#include <string_view>

#include "pmi/message.hpp"

namespace mpi_podman::pmi {

Message reply(std::string command);

/// A reply that says rc=0.
Message done(std::string command);

/// PMI-2's to who asked for a value.
Message found(const std::optional<std::string>& value);

/// A process mapping; nothing where MPICH's client has no room for it: of a line of PMI-1 it takes 1023 bytes
/// (up to 4.0), of a value 1024 with a NUL. Without one it goes by the names of the hosts, but for PMI-2's up
/// to 4.0, which fails then as it does over one that is cut off.
std::optional<std::string> mapping_for(Dialect dialect, const std::string& mapping);

/// PMI-1 says rc=-1 and msg, PMI-2 a positive rc and errmsg.
Message refusal(std::string command, Dialect dialect, std::string why);

/// Why a key cannot be had or its value be put, empty where they can.
std::string why_not(std::string_view key, std::string_view value);

/// The same of a name and its port.
std::string why_not_published(std::string_view name, std::string_view port);

}  // namespace mpi_podman::pmi
