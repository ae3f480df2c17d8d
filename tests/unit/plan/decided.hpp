/// decide() with the sample facts, each of which a test may change before.
#pragma once

#include <gtest/gtest.h>

#include "unit/sample_facts.hpp"

namespace mpi_podman::test {

class Decide : public testing::Test {
protected:
    [[nodiscard]] Result<Plan> result() const {
        return mpi_podman::decide(options, context, environment, host, image);
    }
    [[nodiscard]] Plan plan() const {
        const auto decided = result();
        EXPECT_TRUE(decided) << decided.error().message;
        return decided.value_or(Plan{});
    }
    void under_hydra() {
        context = hydra_context();
        environment = hydra_environment();
    }
    void without_launcher() {
        context = {};
        environment = {{"HOME", "/home/mpi"}, {"PATH", "/usr/bin:/bin"}};
    }
    void as_root() { host.uid = 0; }

    Options options = sample_options();
    LauncherContext context = open_mpi_context();
    Environment environment = open_mpi_environment();
    HostFacts host = sample_host();
    ImageFacts image = sample_image();
};

}  // namespace mpi_podman::test
