/// Bytes as the words, or the lines, that they are.
#pragma once

#include <algorithm>
#include <string>
#include <string_view>
#include <vector>

namespace mpi_podman::fuzz {

/// What `between` separates; nothing of no bytes. As execve(2) hands words over, none holds a NUL where it is
/// that.
inline std::vector<std::string> split(std::string_view text, char between) {
    std::vector<std::string> words;
    while (!text.empty()) {
        const auto end = std::min(text.find(between), text.size());
        words.emplace_back(text.substr(0, end));
        text.remove_prefix(std::min(end + 1, text.size()));
    }
    return words;
}

}  // namespace mpi_podman::fuzz
