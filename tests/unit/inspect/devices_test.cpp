#include "inspect/devices.hpp"

#include <gmock/gmock.h>

#include "unit/temporary_directory.hpp"

namespace mpi_podman {

/// How GoogleTest prints one.
inline void PrintTo(const Gpus& gpus, std::ostream* out) {
    *out << gpus.kind << ' ' << testing::PrintToString(gpus.names) << " of " << gpus.file;
}

namespace {

using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;

constexpr const char* of_nvidia = R"(---
cdiVersion: 0.5.0
kind: nvidia.com/gpu
devices:
- name: "0"
  containerEdits: {deviceNodes: [{path: /dev/nvidia0}]}
- name: GPU-4cf8db2d
- name: all
containerEdits:
  env: [NVIDIA_VISIBLE_DEVICES=void]
)";

std::vector<Gpus> gpus_in(std::string_view text) {
    std::vector<Gpus> found;
    EXPECT_TRUE(take_gpus(text, "file", found)) << text;
    return found;
}

TEST(FabricDevices, ThoseThatAreThere) {
    const test::TemporaryDirectory host;
    for (const auto* name : {"dev/infiniband/uverbs0", "dev/xpmem", "dev/cxi0", "dev/cxi1", "dev/null"}) {
        host.file(name, "");
    }
    EXPECT_THAT(fabric_devices(Rootfs({host.path()})),
                ElementsAre("/dev/infiniband", "/dev/xpmem", "/dev/cxi0", "/dev/cxi1"));
}

TEST(LockedMemory, IsNeededByAdaptersAndNotByCopyingBetweenProcesses) {
    EXPECT_TRUE(needs_locked_memory({"/dev/null", "/dev/infiniband"}));
    EXPECT_TRUE(needs_locked_memory({"/dev/infiniband/uverbs0"}));
    EXPECT_TRUE(needs_locked_memory({"/dev/cxi12"}));
    EXPECT_TRUE(needs_locked_memory({"/dev/hfi1_0"}));
    EXPECT_FALSE(needs_locked_memory({"/dev/xpmem", "/dev/infiniband2", "/data/infiniband", "", "/dev/"}));
    EXPECT_FALSE(needs_locked_memory({}));
}

TEST(Gpus, OfYamlAndOfJson) {
    EXPECT_THAT(gpus_in(of_nvidia),
                ElementsAre(Gpus{"nvidia.com/gpu", {"0", "GPU-4cf8db2d", "all"}, "file"}));
    EXPECT_THAT(
        gpus_in(
            "{\n\t\"cdiVersion\": \"0.6.0\",\n\t\"kind\": \"amd.com/gpu\",\n\t\"devices\": [\n\t\t{\"name\": "
            "\"0\"},\n\t\t{\"name\": \"all\"}\n\t]\n}\n"),
        ElementsAre(Gpus{"amd.com/gpu", {"0", "all"}, "file"}));
}

TEST(Gpus, OtherKindsAreNoneOfOurs) {
    EXPECT_THAT(gpus_in(R"({"kind": "vendor.com/nic", "devices": [{"name": "0"}]})"), IsEmpty());
}

TEST(Gpus, WhatIsNoSpecificationIsRefusedByItsFile) {
    std::vector<Gpus> found;
    for (const auto* text : {"", "[]", "kind", "devices: []", "kind: [1]", "{", "\t: x", "\x01",
                             "kind: nvidia.com/gpu\ndevices: [{}]", "kind: nvidia.com/gpu\ndevices: [1]",
                             "kind: nvidia.com/gpu\ndevices: [{name: [1]}]"}) {
        const auto taken = take_gpus(text, "/etc/cdi/x.yaml", found);
        ASSERT_FALSE(taken) << text;
        EXPECT_THAT(taken.error().message, HasSubstr("/etc/cdi/x.yaml: "));
        EXPECT_EQ(taken.error().message.find('\n'), std::string::npos);
    }
}

TEST(NodeDevices, OfBothDirectoriesEachNameOnce) {
    const test::TemporaryDirectory host;
    host.file("etc/cdi/nvidia.yaml", of_nvidia);
    host.file("etc/cdi/notes.txt", "kind: nvidia.com/gpu");
    host.file("var/run/cdi/more.json",
              R"({"kind": "nvidia.com/gpu", "devices": [{"name": "0"}, {"name": "1"}]})");
    host.file("var/run/cdi/spoilt.yml", "{");
    const auto found = devices_of_node(Rootfs({host.path()}));
    EXPECT_THAT(
        found.gpus,
        ElementsAre(Gpus{"nvidia.com/gpu", {"0", "GPU-4cf8db2d", "all", "1"}, "/etc/cdi/nvidia.yaml"}));
    EXPECT_THAT(found.unread, ElementsAre(HasSubstr("/var/run/cdi/spoilt.yml: ")));
    EXPECT_THAT(found.fabric, IsEmpty());
}

}  // namespace
}  // namespace mpi_podman
