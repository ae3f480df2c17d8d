#include "distribute/page.hpp"

#include <gmock/gmock.h>

#include "unit/distribute/samples.hpp"

namespace mpi_podman {
namespace {

using test::digest;
using test::node_without;
using Stage = Receiver::Stage;

Receiver receiver(Stage stage) {
    auto one = receivers_of({node_without("node2", {digest('1')})}).front();
    one.stage = stage;
    one.of = 61'400'000;
    one.now = 12'000'000;
    one.layers = 3;
    return one;
}

TEST(Amount, IsShort) {
    for (const auto& [bytes, text] :
         std::vector<std::pair<std::uint64_t, const char*>>{{0, "0 bytes"},
                                                            {999, "999 bytes"},
                                                            {1000, "1 kB"},
                                                            {999'999, "999 kB"},
                                                            {1'000'000, "1 MB"},
                                                            {61'400'000, "61 MB"},
                                                            {1'250'000'000, "1.2 GB"},
                                                            {120'000'000'000, "120 GB"},
                                                            {9'000'000'000'000, "9000 GB"}}) {
        EXPECT_EQ(amount(bytes), text);
    }
}

TEST(OutcomeOfANode, IsOneLine) {
    auto one = receiver(Stage::done);
    one.moved = 50'000'000;
    EXPECT_EQ(outcome_of(one, "node1"), "node2: 62 MB in 3 layers, from node1\n");
    one.layers = 1;
    EXPECT_EQ(outcome_of(one, "node1"), "node2: 62 MB in 1 layer, from node1\n");
    one.moved = one.now = 0;
    EXPECT_EQ(outcome_of(one, "node1"), "node2: nothing, all of it had come before\n");
    one.shares = 0;
    EXPECT_EQ(outcome_of(one, "node1"), "node2: has it, in the store of node1\n");
    one.stage = Stage::failed;
    one.words = "no room";
    EXPECT_EQ(outcome_of(one, "node1"), "node2: cannot: no room\n");
    auto facts = node_without("node3", {});
    EXPECT_EQ(outcome_of(facts), "node3: has it\n");
    facts.problem = "ssh does not reach it:\nnode4: has it";
    EXPECT_EQ(outcome_of(facts), "node3: cannot: ssh does not reach it: node4: has it\n");
}

TEST(StateOfANode, SaysHowFarItIs) {
    auto one = receiver(Stage::moving);
    EXPECT_EQ(state_of(one, "node1"), "node2: 12 MB of 61 MB, from node1");
    one.of = 0;
    EXPECT_EQ(state_of(one, "node1"), "node2: begins, from node1");
    EXPECT_EQ(state_of(receiver(Stage::loading), "node1"), "node2: podman takes it in");
}

TEST(Sum, SaysWhatMoved) {
    EXPECT_EQ(sum_of(3, 4, {digest('a'), "localhost/img:latest", {}}, 768),
              "3 of 4 nodes have localhost/img:latest, id aaaaaaaaaaaa; moved 768 bytes\n");
}

TEST(Block, IsNoLargerThanTheTerminal) {
    EXPECT_EQ(block_of({"node1: begins", "node2: begins", "n3"}, 5, 2), "node2\nn3\n");
    EXPECT_EQ(block_of({"a"}, 80, 24), "a\n");
    EXPECT_EQ(block_of({}, 80, 24), "");
}

}  // namespace
}  // namespace mpi_podman
