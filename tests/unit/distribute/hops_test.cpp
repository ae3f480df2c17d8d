#include "distribute/hops.hpp"

#include <gmock/gmock.h>

#include "distribute/stage.hpp"
#include "unit/distribute/samples.hpp"

namespace mpi_podman {
namespace {

using test::digest;
using test::node_without;
using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;
using testing::Le;
using testing::SizeIs;
using Stage = Receiver::Stage;
using What = Progress::What;

const std::vector<std::string>& layers() {
    static const std::vector<std::string> all{digest('1'), digest('2')};
    return all;
}

std::vector<Receiver> all_without(std::size_t count) {
    std::vector<StoreFacts> nodes;
    for (std::size_t i = 0; i < count; ++i) {
        nodes.push_back(node_without("node" + std::to_string(i), layers()));
    }
    return receivers_of(nodes);
}

void say(What what, const Hop& hop, std::vector<Receiver>& receivers, const std::string& words = {}) {
    apply({what, 0, 0, words}, hop, layers(), receivers);
}

TEST(Receivers, AreThoseThatNeedIt) {
    auto with = node_without("a", {});
    with.has_image = true;
    auto silent = node_without("b", {});
    silent.problem = "ssh does not reach it";
    const auto receivers = receivers_of({with, silent, node_without("c", layers())});
    ASSERT_THAT(receivers, SizeIs(1));
    EXPECT_EQ(receivers[0].facts.node, "c");
    EXPECT_EQ(receivers[0].needs, layers());
}

TEST(Receivers, ThatShareAStoreShareTheFirstOnes) {
    auto nodes =
        std::vector{node_without("a", layers()), node_without("b", layers()), node_without("c", layers())};
    nodes[2].store = nodes[0].store;
    auto receivers = receivers_of(nodes);
    EXPECT_EQ(receivers[2].shares, 0U);
    EXPECT_THAT(next_hops(receivers, {}), ElementsAre(Hop{0, {}}, Hop{1, {}}));
    say(What::done, {0, {}}, receivers);
    EXPECT_EQ(receivers[2].stage, Stage::done);
    EXPECT_EQ(receivers[1].stage, Stage::waiting);
}

TEST(Receivers, ThatShareAStoreInheritFromOneThatFails) {
    auto nodes =
        std::vector{node_without("a", layers()), node_without("b", layers()), node_without("c", layers())};
    nodes[1].store = nodes[2].store = nodes[0].store;
    auto receivers = receivers_of(nodes);
    say(What::unreachable, {0, {}}, receivers, "no route");
    EXPECT_EQ(receivers[0].stage, Stage::failed);
    EXPECT_EQ(receivers[1].shares, std::nullopt);
    EXPECT_EQ(receivers[2].shares, 1U);
    EXPECT_THAT(next_hops(receivers, {}), ElementsAre(Hop{1, {}}));
}

/// Each round all hops come to their end.
TEST(Tree, GrowsWithEachNodeThatHasIt) {
    auto receivers = all_without(40);
    std::vector<std::size_t> rounds;
    std::size_t from_origin = 0;
    for (auto hops = next_hops(receivers, {}); !hops.empty(); hops = next_hops(receivers, {})) {
        rounds.push_back(hops.size());
        for (const auto& hop : hops) {
            from_origin += hop.from ? 0 : 1;
            EXPECT_THAT(std::ranges::count(hops, hop.from, &Hop::from), Le(tree_width));
            say(What::whole, hop, receivers);
        }
    }
    EXPECT_THAT(rounds, ElementsAre(2, 6, 18, 14));
    EXPECT_THAT(from_origin, Le(6U));
    EXPECT_TRUE(std::ranges::all_of(receivers, [](const auto& one) { return one.stage == Stage::loading; }));
}

TEST(Tree, TakesTheLeastBusyAndTheOriginLast) {
    auto receivers = all_without(4);
    receivers[0].stage = Stage::done;
    receivers[1].stage = Stage::moving;
    receivers[2].stage = Stage::loading;
    EXPECT_THAT(next_hops(receivers, {{1, 0}}), ElementsAre(Hop{3, 2}));
    EXPECT_THAT(next_hops(receivers, {{1, 0}, {9, 0}, {9, 2}, {9, 2}}), ElementsAre(Hop{3, std::nullopt}));
}

TEST(Tree, HasManyHopsAtATimeButNotAll) {
    auto receivers = all_without(300);
    for (std::size_t i = 0; i < 100; ++i) {
        receivers[i].stage = Stage::done;
    }
    EXPECT_THAT(next_hops(receivers, {}), SizeIs(most_hops));
    EXPECT_THAT(next_hops(receivers, std::vector<Hop>(most_hops)), IsEmpty());
}

TEST(Tree, SendsNobodyWhatTheSenderDoesNotHave) {
    auto receivers = receivers_of({node_without("a", {digest('2')}), node_without("b", layers())});
    receivers[0].stage = Stage::done;
    EXPECT_THAT(next_hops(receivers, {}), ElementsAre(Hop{1, {}})) << "the lower layer was there before";
    receivers = receivers_of({node_without("a", layers()), node_without("b", {digest('2')})});
    receivers[0].stage = Stage::done;
    EXPECT_THAT(next_hops(receivers, {}), ElementsAre(Hop{1, 0}));
}

TEST(FailedHop, BetweenNodesIsDoneByTheOriginAndItsSenderSendsNoMore) {
    for (const auto what : {What::unreachable, What::broken}) {
        auto receivers = all_without(3);
        receivers[0].stage = Stage::done;
        receivers[1].now = 5;
        say(what, {1, 0}, receivers, "no route");
        EXPECT_EQ(receivers[1].moved, 5U);
        EXPECT_EQ(receivers[1].now, 0U);
        EXPECT_THAT(next_hops(receivers, {}), ElementsAre(Hop{1, {}}, Hop{2, {}}));
    }
}

TEST(FailedHop, FromTheOriginIsTheEndWhereTheNodeIsNotReached) {
    auto receivers = all_without(1);
    say(What::unreachable, {0, {}}, receivers, "no route");
    EXPECT_EQ(receivers[0].stage, Stage::failed);
    EXPECT_EQ(receivers[0].words, "no route");
    EXPECT_THAT(next_hops(receivers, {}), IsEmpty());
}

TEST(FailedHop, ThatBrokeOffIsTriedThreeTimes) {
    auto receivers = all_without(1);
    for (int i = 0; i < 2; ++i) {
        say(What::broken, {0, {}}, receivers, "nothing came for 60 s");
        EXPECT_EQ(receivers[0].stage, Stage::waiting);
    }
    say(What::broken, {0, {}}, receivers, "nothing came for 60 s");
    EXPECT_EQ(receivers[0].stage, Stage::failed);
}

TEST(FailedHop, ThatPodmanRefusesIsTriedWithAllLayers) {
    auto receivers = receivers_of({node_without("a", {digest('2')})});
    say(What::refused, {0, {}}, receivers, "no such blob");
    EXPECT_EQ(receivers[0].stage, Stage::waiting);
    EXPECT_EQ(receivers[0].needs, layers());
    say(What::refused, {0, {}}, receivers, "no such blob");
    EXPECT_EQ(receivers[0].stage, Stage::failed);
}

TEST(NodesWithoutRoom, AreToldBeforeAnythingIsSent) {
    auto receivers = all_without(2);
    receivers[1].facts.room = 2 * (10 + 20 + 7) - 1;
    refuse_the_full({{digest('a'), 7, false}, {digest('1'), 10, true}, {digest('2'), 20, true}}, receivers);
    EXPECT_EQ(receivers[0].stage, Stage::waiting);
    EXPECT_EQ(receivers[1].stage, Stage::failed);
    EXPECT_THAT(receivers[1].words,
                HasSubstr("no room in /home/mpi/storage: it needs 74 bytes, and has 73 bytes"));
}

TEST(NeededLayers, AreThoseOfAnyNode) {
    EXPECT_THAT(needed_by(receivers_of({node_without("a", {digest('2')}), node_without("b", layers())})),
                ElementsAre(digest('1'), digest('2')));
}

}  // namespace
}  // namespace mpi_podman
