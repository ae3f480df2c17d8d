/// What tests of a job's directory share.
#pragma once

#include <gtest/gtest.h>

#include "run/job_directory.hpp"
#include "unit/temporary_directory.hpp"

namespace mpi_podman::test {

class JobDirectoryTest : public testing::Test {
protected:
    /// A rank of a job that has so many on this node.
    [[nodiscard]] JobDirectory rank(std::uint32_t local_size, const std::string& job = "job") const {
        return JobDirectory::join({base()}, job, local_size).value();
    }
    [[nodiscard]] std::string base() const { return home / "base"; }
    [[nodiscard]] std::string job() const { return home / "base/job"; }

    TemporaryDirectory home;
};

}  // namespace mpi_podman::test
