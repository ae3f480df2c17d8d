#include "hook/container.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace mpi_podman {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;

TEST(ContainerState, AsCrunTellsIt) {
    const auto at_prestart = container_state(
        R"({"ociVersion":"1.0","id":"9f5","pid":829,"root":"/r","bundle":"/b/userdata","status":"created"})");
    ASSERT_TRUE(at_prestart);
    EXPECT_EQ(*at_prestart, (ContainerState{829, "/b/userdata"}));
    EXPECT_EQ(*container_state(R"({"pid":0,"bundle":"/b"})"), (ContainerState{0, "/b"}));
    EXPECT_EQ(*container_state(R"({"bundle":"/b"})"), (ContainerState{0, "/b"}));
}

TEST(ContainerState, AnythingElseIsNone) {
    for (const auto* text :
         {"", "{", "[]", "null", "7", R"({"pid":1})", R"({"bundle":7})", R"({"bundle":"b"})"}) {
        const auto state = container_state(text);
        ASSERT_FALSE(state) << text;
        EXPECT_THAT(state.error().hint, HasSubstr("--hooks-dir"));
    }
}

TEST(ContainerConfig, TheRootIsBelowTheBundleWhereItIsRelative) {
    EXPECT_EQ(container_config(R"({"root":{"path":"/store/merged"}})", "/b")->root, "/store/merged");
    EXPECT_EQ(container_config(R"({"root":{"path":"rootfs"}})", "/b")->root, "/b/rootfs");
}

TEST(ContainerConfig, WhereTheLastMountIsATmpfs) {
    const auto config = container_config(R"({"root":{"path":"/r"},"mounts":[
        {"destination":"/proc","type":"proc"},{"destination":"/dev","type":"tmpfs"},
        {"destination":"/run","type":"tmpfs"},{"destination":"/run","type":"bind","source":"/run"}]})",
                                         "/b");
    ASSERT_TRUE(config);
    EXPECT_THAT(config->tmpfs, ElementsAre("/dev"));
    EXPECT_THAT(container_config(R"({"root":{"path":"/r"},"mounts":7})", "/b")->tmpfs, IsEmpty());
}

TEST(ContainerConfig, WithoutARootItSaysWhichFile) {
    for (const auto* text :
         {"", "{}", R"({"root":7})", R"({"root":{"path":7}})", R"({"root":{"path":""}})"}) {
        const auto config = container_config(text, "/b");
        ASSERT_FALSE(config) << text;
        EXPECT_THAT(config.error().message, HasSubstr("/b/config.json"));
    }
}

}  // namespace
}  // namespace mpi_podman
