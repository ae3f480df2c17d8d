#include "check/nodes_page.hpp"

#include <gmock/gmock.h>

#include <nlohmann/json.hpp>

#include "unit/check/nodes.hpp"

namespace mpi_podman {
namespace {

using test::good_node;
using test::silent_node;
using testing::AllOf;
using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;
using testing::Not;

NodeFacts with_image(NodeFacts facts, const std::string& id) {
    facts.image_id = id;
    return facts;
}

TEST(OddOnes, AreWhatMostAreNot) {
    const std::vector<NodeFacts> alike{good_node("a"), good_node("b"), good_node("c")};
    EXPECT_THAT(odd_ones(alike), IsEmpty());
    auto nodes = alike;
    nodes[1] = with_image(nodes[1], "ffff");
    nodes[2].podman = "5.4.2";
    EXPECT_THAT(odd_ones(nodes),
                ElementsAre(Odd{"c", "podman", "5.4.2", "4.3.1"}, Odd{"b", "image", "ffff", "0123456789ab"}));
}

TEST(OddOnes, HaveNoMostWhereHalfAreLikeThis) {
    EXPECT_THAT(odd_ones({good_node("a"), with_image(good_node("b"), "ffff")}),
                ElementsAre(Odd{"a", "image", "0123456789ab", ""}, Odd{"b", "image", "ffff", ""}));
}

TEST(OddOnes, DoNotCountThoseThatDidNotAnswerNorFreeSpace) {
    auto fuller = good_node("b");
    fuller.session_space /= 2;
    EXPECT_THAT(odd_ones({good_node("a"), fuller, silent_node("c"), silent_node("d"), silent_node("e")}),
                IsEmpty());
}

TEST(AllCan, IsFalseForOneThatCannotOrDoesNotAnswer) {
    EXPECT_TRUE(all_can({good_node("a"), with_image(good_node("b"), "ffff")}));
    EXPECT_FALSE(all_can({good_node("a"), silent_node("b")}));
    auto without = good_node("b");
    without.problems = {"no ranges"};
    EXPECT_FALSE(all_can({good_node("a"), without}));
}

TEST(CommandLineOver, NamesTheHostfileAsItsLauncherTakesIt) {
    auto node = good_node("a");
    EXPECT_THAT(command_line_over({node}, "hf"),
                ElementsAre("mpirun", "--hostfile", "hf", "-np", "2", "mpi-podman", "img", "ring"));
    node.command_line = {"/opt/bin/mpiexec.hydra", "mpi-podman", "img"};
    EXPECT_THAT(command_line_over({node}, "hf"),
                ElementsAre("/opt/bin/mpiexec.hydra", "-f", "hf", "mpi-podman", "img"));
    node.command_line = {"srun", "--mpi=pmi2", "mpi-podman", "img"};
    EXPECT_EQ(command_line_over({node}, "hf"), node.command_line);
    node.command_line = {"mpirun", "--hostfile", "own", "mpi-podman", "img"};
    EXPECT_EQ(command_line_over({node}, "hf"), node.command_line);
    EXPECT_THAT(command_line_over({node, silent_node("b")}, "hf"), IsEmpty());
}

TEST(NodesPage, MarksTheOddOneAndSaysWhyAnotherCannot) {
    const auto page = page_of(
        {good_node("n1"), good_node("n2"), with_image(good_node("n3"), "ffff"), silent_node("n4")}, "hf");
    EXPECT_THAT(page, AllOf(HasSubstr("ffff <"), HasSubstr("n3: image: ffff, where most have 0123456789ab\n"),
                            HasSubstr("n4: cannot: ssh does not reach it"),
                            HasSubstr("3 of 4 nodes can run it\n"), Not(HasSubstr("$ "))));
    EXPECT_THAT(page_of({good_node("n1"), good_node("n2")}, "hf"),
                AllOf(HasSubstr("2 of 2 nodes can run it\n$ mpirun --hostfile hf"), Not(HasSubstr("<"))));
}

TEST(NodesJson, SaysTheSame) {
    const auto read = nlohmann::json::parse(json_of({good_node("n1"), silent_node("n2")}, "hf"));
    EXPECT_EQ(read.at("all_can"), false);
    EXPECT_EQ(read.at("nodes").at(0).at("can"), true);
    EXPECT_EQ(read.at("nodes").at(1).at("can"), false);
}

TEST(NodeFactsLine, IsReadBack) {
    EXPECT_EQ(node_facts_from(line_of(good_node("a"))), good_node("a"));
    EXPECT_EQ(node_facts_from("mpi-podman: no\n"), std::nullopt);
    EXPECT_EQ(node_facts_from("{}"), std::nullopt);
}

}  // namespace
}  // namespace mpi_podman
