/// PMI-2's messages as a test writes them.
#pragma once

#include <string>

namespace mpi_podman::test {

/// A body with its length in front.
inline std::string pmi2(const std::string& body) {
    const auto length = std::to_string(body.size());
    return std::string(6 - length.size(), ' ') + length + body;
}

}  // namespace mpi_podman::test
