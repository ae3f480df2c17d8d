/// An environment as a value: names to values, as execve(2) hands it over, without touching ::environ.
#pragma once

#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace mpi_podman {

/// Sorted by name so that everything computed from it is deterministic. Values are bytes, not text.
using Environment = std::map<std::string, std::string, std::less<>>;

/// Reads a NULL-terminated `NAME=VALUE` block. Entries without '=' or with an empty name are dropped, as
/// execve(2) allows them but no program can look them up; of a name given twice the first wins, as in
/// getenv(3).
Environment environment_from(const char* const* block);

/// The inverse: `NAME=VALUE` strings in name order.
std::vector<std::string> to_strings(const Environment& environment);

/// The value of `name`, or nothing where it is unset; an empty value is a value.
std::optional<std::string_view> lookup(const Environment& environment, std::string_view name);

}  // namespace mpi_podman
