/// Environments of ranks captured from real launchers, for the tests of wrapper/launcher/.
#pragma once

#include <gtest/gtest.h>

#include <filesystem>
#include <fstream>
#include <string>
#include <vector>

#include "launcher/context.hpp"
#include "launcher/environment.hpp"

namespace mpi_podman {

inline std::filesystem::path environ_directory() {
    return std::filesystem::path(MPI_PODMAN_FIXTURES) / "environ";
}

/// tests/fixtures/environ/NAME.env: one NAME=VALUE per line.
inline Environment environ_of(const std::string& name) {
    const auto path = environ_directory() / (name + ".env");
    std::ifstream file(path);
    EXPECT_TRUE(file.is_open()) << path;
    std::vector<std::string> lines;
    for (std::string line; std::getline(file, line);) {
        lines.push_back(line);
    }
    std::vector<const char*> block;
    for (const auto& line : lines) {
        block.push_back(line.c_str());
    }
    block.push_back(nullptr);
    return environment_from(block.data());
}

inline bool every_fd_is_a_socket(int /*fd*/) { return true; }

}  // namespace mpi_podman
