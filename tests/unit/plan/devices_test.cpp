#include "plan/devices.hpp"

#include <gmock/gmock.h>

#include "unit/plan/decided.hpp"

namespace mpi_podman {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;

class Devices : public test::Decide {
protected:
    Devices() { host.devices = NodeDevices{{"/dev/infiniband", "/dev/xpmem"}, {nvidia}, {}}; }
    void ask(GpuChoice which, std::uint32_t count = 0) { options.gpus = {which, count}; }
    [[nodiscard]] Error refused() const {
        const auto decided = result();
        EXPECT_FALSE(decided);
        return decided ? Error{} : decided.error();
    }
    const Gpus nvidia{
        "nvidia.com/gpu", {"0", "1", "GPU-4cf8db2d", "GPU-17a0f24c", "all"}, "/etc/cdi/nvidia.yaml"};
    const Gpus amd{"amd.com/gpu", {"0"}, "/etc/cdi/amd.json"};
};

TEST_F(Devices, OfTheNodeAreGivenUnasked) {
    EXPECT_THAT(plan().devices, ElementsAre("/dev/infiniband", "/dev/xpmem", "nvidia.com/gpu=all"));
    EXPECT_EQ(plan().devices_asked_for, "");
}

TEST_F(Devices, AreTheTypedOnesWhereNobodyHasLooked) {
    host.devices.reset();
    options.devices = {"/dev/fuse"};
    ask(GpuChoice::all);
    EXPECT_THAT(plan().devices, ElementsAre("/dev/fuse"));
}

TEST_F(Devices, NoneOnWish) {
    ask(GpuChoice::none);
    options.fabric = false;
    EXPECT_THAT(plan().devices, IsEmpty());
    EXPECT_EQ(plan().devices_asked_for, "gpus none, no fabric");
}

TEST_F(Devices, SoManyGpusByNumberAndNoneTwice) {
    options.fabric = false;
    ask(GpuChoice::some, 2);
    EXPECT_THAT(plan().devices, ElementsAre("nvidia.com/gpu=0", "nvidia.com/gpu=1"));
    ask(GpuChoice::some, 3);
    EXPECT_EQ(refused().message, "--gpus=3: this node has 2 (/etc/cdi/nvidia.yaml)");
    host.devices->gpus.push_back(amd);
    EXPECT_THAT(plan().devices, ElementsAre("nvidia.com/gpu=0", "nvidia.com/gpu=1", "amd.com/gpu=0"));
}

TEST_F(Devices, AllWithoutANameForAll) {
    options.fabric = false;
    host.devices->gpus = {amd};
    for (const auto which : {GpuChoice::all, GpuChoice::automatic}) {
        ask(which);
        EXPECT_THAT(plan().devices, ElementsAre("amd.com/gpu=0"));
    }
}

TEST_F(Devices, AllIsRefusedWhereThereIsNone) {
    host.devices->gpus.clear();
    ask(GpuChoice::automatic);
    EXPECT_TRUE(result());
    ask(GpuChoice::all);
    EXPECT_THAT(refused().message, HasSubstr("names a GPU"));
    EXPECT_THAT(refused().hint, HasSubstr("nvidia-ctk cdi generate"));
    host.devices->unread = {"/etc/cdi/x.yaml: line 1"};
    EXPECT_THAT(refused().message, HasSubstr("cannot be read: /etc/cdi/x.yaml: line 1"));
}

TEST_F(Devices, ThatAreTypedAreNotNamedTwice) {
    ask(GpuChoice::none);
    options.devices = {"/dev/infiniband:/dev/infiniband:rw"};
    EXPECT_THAT(plan().devices, ElementsAre("/dev/infiniband:/dev/infiniband:rw", "/dev/xpmem"));
}

TEST_F(Devices, LockedMemoryIsRaisedAsFarAsMayBeUnlessTyped) {
    host.locked_memory = {"memlock", "8388608", "-1"};
    EXPECT_EQ(plan().more_locked_memory, "memlock=-1:-1");
    EXPECT_EQ(plan().limits.back(), (Limit{"memlock", "-1", "-1"}));
    options.fabric = false;
    EXPECT_NE(plan().limits.back().name, "memlock") << "no device that needs it";
    options.fabric = true;
    options.per_rank = false;
    EXPECT_NE(plan().limits.back().name, "memlock") << "the ranks of a node's container see to it";
    options.per_rank = true;
    options.ulimits = {"memlock=5"};
    EXPECT_EQ(plan().more_locked_memory, "");
    EXPECT_NE(plan().limits.back().name, "memlock");
    options.ulimits = {"host"};
    EXPECT_EQ(plan().more_locked_memory, "");
    options.ulimits.clear();
    host.locked_memory.hard = host.locked_memory.soft;
    EXPECT_EQ(plan().more_locked_memory, "");
}

}  // namespace
}  // namespace mpi_podman
