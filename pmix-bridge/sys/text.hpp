/// Words put together for people to read.
#pragma once

#include <string>
#include <string_view>
#include <vector>

namespace mpi_podman {

/// "a, b, c"
inline std::string joined(const std::vector<std::string>& words, std::string_view between = ", ") {
    std::string text;
    for (const auto& word : words) {
        text += (text.empty() ? "" : std::string(between)) + word;
    }
    return text;
}

}  // namespace mpi_podman
