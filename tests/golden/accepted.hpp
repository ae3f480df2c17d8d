/// Text that a person has accepted: tests/golden/NAME.txt.
#pragma once

#include <gtest/gtest.h>

#include <cstdlib>
#include <fstream>
#include <string>

#include "unit/temporary_directory.hpp"

namespace mpi_podman::test {

/// MPI_PODMAN_ACCEPT=1 rewrites the file, and fails all the same: read what changed.
inline void expect_accepted(const std::string& name, const std::string& text) {
    const auto path = std::string(MPI_PODMAN_GOLDEN) + "/" + name + ".txt";
    const auto accepted = content_of(path);
    if (text == accepted) {
        return;
    }
    if (const char* accept = std::getenv("MPI_PODMAN_ACCEPT");
        accept != nullptr && std::string_view(accept) == "1") {
        std::ofstream(path, std::ios::binary) << text;
        FAIL() << "rewrote " << path << ": read what changed";
    }
    EXPECT_EQ(text, accepted) << "MPI_PODMAN_ACCEPT=1 accepts it as " << path;
}

}  // namespace mpi_podman::test
