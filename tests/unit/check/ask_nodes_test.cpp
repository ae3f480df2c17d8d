#include "check/ask_nodes.hpp"

#include <gmock/gmock.h>

#include <chrono>

#include "check/this_node.hpp"
#include "unit/check/nodes.hpp"
#include "unit/temporary_directory.hpp"

namespace mpi_podman {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;
using testing::SizeIs;

CheckQuestion question() {
    CheckQuestion asked;
    asked.options.image = "img";
    asked.options.command = {"./my ring", "it's"};
    asked.typed = {{"check", "json"}, {"hostfile", "hf"}, {"volume", "/a b:/c"}};
    asked.host.hostname = "node1.example.org";
    asked.host.cwd = "/home/my dir";
    return asked;
}

TEST(CommandForANode, IsOurOwnProgramHere) {
    for (const auto* name : {"node1", "node1.example.org", "localhost", "me@node1"}) {
        EXPECT_THAT(command_for(name, question(), "/opt/bin/mpi-podman"),
                    ElementsAre("/opt/bin/mpi-podman", "--check=node", "--volume=/a b:/c", "--", "img",
                                "./my ring", "it's"));
    }
}

TEST(CommandForANode, IsTheSameThroughSshAndTwoShells) {
    const test::TemporaryDirectory home;
    const auto print = home.file("bin/mpi-podman", "#!/bin/sh\npwd\nprintf '<%s>' \"$@\"\n", 0755);
    auto asked = question();
    asked.host.cwd = home.directory("my dir");
    const auto command = command_for("node2", asked, print);
    ASSERT_THAT(command, SizeIs(9));
    EXPECT_EQ(command.at(0), "ssh");
    EXPECT_EQ(command.at(7), "node2");
    // What sshd does with it.
    const auto script = home.file("remote", command.back());
    ASSERT_EQ(std::system(("sh " + script + " >" + home / "said").c_str()), 0);  // NOLINT
    EXPECT_EQ(test::content_of(home / "said"),
              home / "my dir" + "\n<--check=node><--volume=/a b:/c><--><img><./my ring><it's>");
}

TEST(AnswerOfANode, IsItsFactsUnderTheHostfilesName) {
    const auto facts = facts_by_answer("node2", 1, "motd\n" + line_of(test::good_node("n2.local")), "");
    EXPECT_EQ(facts.node, "node2");
    EXPECT_EQ(facts.podman, "4.3.1");
}

TEST(AnswerOfANode, IsElseTheProblem) {
    const auto problem = [](int status, const std::string& err) {
        return facts_by_answer("node2", status, "", err).problems.front();
    };
    EXPECT_THAT(problem(255, "ssh: connect to host node2 port 22: No route to host\n"),
                HasSubstr("ssh does not reach it: ssh: connect to host node2 port 22: No route"));
    EXPECT_THAT(problem(127, "sh: 1: exec: mpi-podman: not found\n"), HasSubstr("not installed"));
    EXPECT_THAT(problem(2, "sh: 1: cd: can't cd to /home/x\n"), HasSubstr("it said: sh: 1: cd: can't cd"));
    EXPECT_THAT(problem(3, ""), HasSubstr("status 3"));
    EXPECT_EQ(facts_by_answer("node2", 0, "", "").version, "");
}

TEST(SubordinateIds, AreCountedByNameAndNumber) {
    const auto* text = "mpi:100000:65536\n1000:400000:1000\nother:1:99\nmpi:x\n";
    EXPECT_EQ(ids_in(text, "mpi", 1000), 66536U);
    EXPECT_EQ(ids_in(text, "nobody", 7), 0U);
}

}  // namespace
}  // namespace mpi_podman
