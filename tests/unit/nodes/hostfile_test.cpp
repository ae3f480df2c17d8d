#include "nodes/hostfile.hpp"

#include <gmock/gmock.h>

namespace mpi_podman {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;

TEST(Hostfile, IsReadAsEachLauncherWritesIt) {
    const auto nodes = nodes_in(
        "# two nodes\n"
        "node1 slots=2 max_slots=4  # the first\n"
        "\n"
        "   node2:2\n"
        "me@node3.example.org\tslots=1\n"
        "node1 slots=2\n"
        "10.0.0.4\n",
        "hf");
    ASSERT_TRUE(nodes) << nodes.error().message;
    EXPECT_THAT(*nodes, ElementsAre("node1", "node2", "me@node3.example.org", "10.0.0.4"));
}

struct Wrong {
    std::string text, where;
};
void PrintTo(const Wrong& wrong, std::ostream* out) { *out << wrong.text; }
class WrongHostfile : public testing::TestWithParam<Wrong> {};

TEST_P(WrongHostfile, IsRefusedByFileAndLine) {
    const auto nodes = nodes_in(GetParam().text, "my/hf");
    ASSERT_FALSE(nodes);
    EXPECT_EQ(nodes.error().status, Status::usage);
    EXPECT_THAT(nodes.error().message, HasSubstr("my/hf:" + GetParam().where + ": "));
}

INSTANTIATE_TEST_SUITE_P(Hostfiles, WrongHostfile,
                         testing::Values(Wrong{"node1 slots=two\n", "1"}, Wrong{"node1\nnode2 slots\n", "2"},
                                         Wrong{"node1 slots=\n", "1"}, Wrong{"node1:x\n", "1"},
                                         Wrong{"# c\n-oProxyCommand=x\n", "2"}, Wrong{"a b\n", "1"},
                                         Wrong{"node1;reboot\n", "1"}, Wrong{"@\n", "1"}, Wrong{"", "0"},
                                         Wrong{"# nobody\n\n", "2"}));

}  // namespace
}  // namespace mpi_podman
