#include "nodes/ask_each.hpp"

#include <gmock/gmock.h>

namespace mpi_podman {
namespace {

using testing::HasSubstr;
using testing::SizeIs;

TEST(AskEach, HasAReplyForEachNameInTheirOrder) {
    const auto replies = ask_each({"slow", "quick", "slow"}, [](const std::string& name) {
        return name == "slow" ? std::vector<std::string>{"sh", "-c", "sleep 0.05; echo slow; exit 3"}
                              : std::vector<std::string>{"sh", "-c", "echo quick; echo more >&2"};
    });
    ASSERT_THAT(replies, SizeIs(3));
    EXPECT_EQ(replies[0].out, "slow\n");
    EXPECT_EQ(replies[0].status, 3);
    EXPECT_EQ(replies[1].out, "quick\n");
    EXPECT_EQ(replies[1].err, "more\n");
    EXPECT_EQ(replies[2].out, "slow\n");
}

TEST(AskEach, SaysWhichCouldNotBeAsked) {
    const auto replies =
        ask_each({"node1"}, [](const std::string& /*name*/) { return std::vector<std::string>{"/no/such"}; });
    ASSERT_THAT(replies, SizeIs(1));
    EXPECT_THAT(problem_of(replies[0]), HasSubstr("it could not be asked: /no/such"));
}

TEST(ProblemOfAReply, IsWhatWasSaidInstead) {
    const auto problem = [](int status, const std::string& err) { return problem_of({status, "", err, ""}); };
    EXPECT_THAT(problem(255, "ssh: connect to host node2 port 22: No route to host\n"),
                HasSubstr("ssh does not reach it: ssh: connect to host node2 port 22: No route"));
    EXPECT_THAT(problem(127, "sh: 1: exec: mpi-podman: not found\n"), HasSubstr("not installed"));
    EXPECT_THAT(problem(2, "sh: 1: cd: can't cd to /home/x\n"), HasSubstr("it said: sh: 1: cd: can't cd"));
    EXPECT_THAT(problem(3, ""), HasSubstr("status 3"));
}

}  // namespace
}  // namespace mpi_podman
