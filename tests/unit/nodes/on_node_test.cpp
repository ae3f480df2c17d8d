#include "nodes/on_node.hpp"

#include <gmock/gmock.h>

#include "unit/temporary_directory.hpp"

namespace mpi_podman {
namespace {

using testing::ElementsAre;
using testing::SizeIs;

TEST(CommandOnANode, IsOurOwnProgramHere) {
    for (const auto* name : {"node1", "node1.example.org", "localhost", "me@node1"}) {
        EXPECT_THAT(command_on(name, {"--x", "it's"}, {"node1.example.org", "/opt/bin/mpi-podman", "/home"}),
                    ElementsAre("/opt/bin/mpi-podman", "--x", "it's"));
    }
}

TEST(CommandOnANode, IsTheSameThroughSshAndTwoShells) {
    const test::TemporaryDirectory home;
    const auto print = home.file("bin/mpi-podman", "#!/bin/sh\npwd\nprintf '<%s>' \"$@\"\n", 0755);
    const Here here{"node1", print, home.directory("my dir")};
    const auto command = command_on("node2", {"--volume=/a b:/c", "./my ring", "it's"}, here);
    ASSERT_THAT(command, SizeIs(11));
    EXPECT_EQ(command.at(0), "ssh");
    EXPECT_EQ(command.at(9), "node2");
    // What sshd does with it.
    const auto script = home.file("remote", command.back());
    ASSERT_EQ(std::system(("sh " + script + " >" + home / "said").c_str()), 0);  // NOLINT
    EXPECT_EQ(test::content_of(home / "said"), home / "my dir" + "\n<--volume=/a b:/c><./my ring><it's>");
}

}  // namespace
}  // namespace mpi_podman
