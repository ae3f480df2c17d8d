#include "run/oci_mounts.hpp"

#include <gmock/gmock.h>

namespace mpi_podman {
namespace {

using testing::ElementsAre;
using testing::IsEmpty;

TEST(OciMounts, AreWhatPodmanWasTold) {
    constexpr const char* config = R"({"mounts": [{"destination": "/proc", "type": "proc", "source": "proc"},
        {"destination": "/dev/infiniband", "source": "/dev/infiniband"}]})";
    EXPECT_THAT(oci_mounts(config),
                ElementsAre(HostMount{"proc", "/proc"}, HostMount{"/dev/infiniband", "/dev/infiniband"}));
}

TEST(OciMounts, OfAnythingElseThereAreNone) {
    for (const auto* config : {"", "7", "[]", "null", R"({"mounts": 7, "linux": 7})",
                               R"({"mounts": {"a": 1}})", R"({"linux": {"devices": "x"}})"}) {
        EXPECT_THAT(oci_mounts(config), IsEmpty()) << config;
    }
    EXPECT_THAT(oci_mounts(R"({"mounts": [7, {"source": 7}]})"), ElementsAre(HostMount{}, HostMount{}));
}

}  // namespace
}  // namespace mpi_podman
