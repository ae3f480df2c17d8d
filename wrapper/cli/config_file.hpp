/// The lines of a configuration file, in the format of Boost.Program_options ('#' begins a comment).
#pragma once

#include <string>
#include <vector>

#include "sys/result.hpp"

namespace mpi_podman {

/// KEY = VALUE, and the section that it stands in; the line that begins a section has neither.
struct ConfigLine {
    std::string section;  ///< "mpi NAME" of [mpi NAME]; empty above the first
    std::string key, value;
    std::string where;  ///< "FILE:LINE"
};

/// Pure. Fails where a line is neither a section nor KEY = VALUE.
Result<std::vector<ConfigLine>> config_lines(const std::string& text, const std::string& file);

/// What is wrong at a place in a file: "FILE:LINE: ...".
tl::unexpected<Error> wrong_at(const std::string& where, const std::string& what);

}  // namespace mpi_podman
