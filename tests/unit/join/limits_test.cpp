#include "join/limits.hpp"

#include <gtest/gtest.h>

#include <ostream>

namespace mpi_podman {

/// How GoogleTest prints one.
inline void PrintTo(const ResourceLimit& limit, std::ostream* out) {
    *out << limit.which << '=' << limit.soft << ':' << limit.hard;
}

namespace {

using Limits = std::vector<ResourceLimit>;

TEST(ResourceLimits, AreReadAsPodmanReadsThem) {
    EXPECT_EQ(
        resource_limits({"nofile=100:200", "core=0", "stack=-1", "memlock=5:-1", "host"}).value_or(Limits{}),
        (Limits{{RLIMIT_NOFILE, 100, 200},
                {RLIMIT_CORE, 0, 0},
                {RLIMIT_STACK, RLIM_INFINITY, RLIM_INFINITY},
                {RLIMIT_MEMLOCK, 5, RLIM_INFINITY}}));
    EXPECT_EQ(resource_limits({}).value_or(Limits{{1, 1, 1}}), Limits{});
}

TEST(ResourceLimits, OfAnyOtherFormAreRefusedByName) {
    for (const char* typed :
         {"", "nofile", "nofile=", "nofile=x", "nofile=1:", "nofile=1:x", "nofile=1:2:3", "nofile=2:1",
          "nofile=-2", "nofile= 1", "files=1", "=1", "nofile=99999999999999999999"}) {
        const auto refused = resource_limits({typed});
        ASSERT_FALSE(refused) << typed;
        EXPECT_EQ(refused.error().status, Status::usage);
        EXPECT_EQ(refused.error().message, "--ulimit " + std::string(typed) + " is no limit");
    }
}

}  // namespace
}  // namespace mpi_podman
