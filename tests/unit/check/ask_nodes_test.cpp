#include "check/ask_nodes.hpp"

#include <gmock/gmock.h>

#include "check/this_node.hpp"
#include "unit/check/nodes.hpp"

namespace mpi_podman {
namespace {

using testing::ElementsAre;

TEST(WordsForANode, AreThoseTypedWithoutTheNodes) {
    CheckQuestion asked;
    asked.options.image = "img";
    asked.options.command = {"./my ring", "it's"};
    asked.typed = {{"check", "json"}, {"hostfile", "hf"}, {"volume", "/a b:/c"}};
    EXPECT_THAT(words_for_a_node(asked),
                ElementsAre("--check=node", "--volume=/a b:/c", "--", "img", "./my ring", "it's"));
}

TEST(ReplyOfANode, IsItsFactsUnderTheHostfilesName) {
    const auto facts = facts_by_reply("node2", {1, "motd\n" + line_of(test::good_node("n2.local")), "", ""});
    EXPECT_EQ(facts.node, "node2");
    EXPECT_EQ(facts.podman, "4.3.1");
}

TEST(ReplyOfANode, IsElseTheProblem) {
    const auto facts = facts_by_reply("node2", {2, "", "sh: 1: cd: can't cd to /home/x\n", ""});
    EXPECT_EQ(facts.node, "node2");
    EXPECT_EQ(facts.version, "");
    EXPECT_THAT(facts.problems, ElementsAre("it said: sh: 1: cd: can't cd to /home/x"));
}

TEST(SubordinateIds, AreCountedByNameAndNumber) {
    const auto* text = "mpi:100000:65536\n1000:400000:1000\nother:1:99\nmpi:x\n";
    EXPECT_EQ(ids_in(text, "mpi", 1000), 66536U);
    EXPECT_EQ(ids_in(text, "nobody", 7), 0U);
}

}  // namespace
}  // namespace mpi_podman
