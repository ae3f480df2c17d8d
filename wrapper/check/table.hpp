/// Text in columns. Pure.
#pragma once

#include <string>
#include <vector>

namespace mpi_podman {

using Table = std::vector<std::vector<std::string>>;

/// Each column as wide as its widest cell, two blanks between them, none at a line's end. Bytes that could
/// steer a terminal are the caller's to replace.
std::string text_of(const Table& given);

}  // namespace mpi_podman
