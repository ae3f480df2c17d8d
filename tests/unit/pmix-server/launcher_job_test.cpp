#include "pmix-server/launcher_job.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "unit/pmix-server/launcher_end.hpp"

namespace mpi_podman {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;
using testing::UnorderedElementsAre;

/// A job of two ranks, both of this node.
class TwoRanks : public testing::Test {
protected:
    TwoRanks() : fds{first.rank.get(), second.rank.get()} {
        EXPECT_TRUE(job.add(0, 2, pmi::Client(std::move(first.rank))));
        EXPECT_TRUE(job.add(1, 2, pmi::Client(std::move(second.rank))));
    }
    void begin() {
        first.say("cmd=put_result rc=0\n");
        ASSERT_TRUE(job.begin_exchange("piece"));
        ASSERT_THAT(job.waiting(), UnorderedElementsAre(fds[0], fds[1]));
    }

    test::LauncherEnd first{test::to_the_first("(vector,(0,1,2))")}, second{test::to_a_rank};
    std::array<int, 2> fds;
    LauncherJob job;
};

TEST_F(TwoRanks, ExchangeUntilTheBarrierHasLetBothGo) {
    begin();
    first.say("cmd=barrier_out\n");
    second.say("cmd=barrier_out\n");
    EXPECT_EQ(job.take(fds[0]), Result<bool>(false));
    EXPECT_THAT(job.waiting(), ElementsAre(fds[1]));
    EXPECT_EQ(job.take(fds[0]), Result<bool>(false)) << "it is not waited for any more";
    EXPECT_EQ(job.take(fds[1]), Result<bool>(true));
    EXPECT_EQ(job.end_exchange(), Result<std::string>("piece"));
    EXPECT_FALSE(job.remove(1, false)) << "no exchange is under way";
}

TEST_F(TwoRanks, ExchangeWhereTheLastThatIsWaitedForDies) {
    begin();
    first.say("cmd=barrier_out\n");
    EXPECT_EQ(job.take(fds[0]), Result<bool>(false));
    EXPECT_TRUE(job.remove(1, false));
    EXPECT_EQ(job.end_exchange(), Result<std::string>("piece"));
}

TEST_F(TwoRanks, ExchangeWhereAnotherDies) {
    begin();
    EXPECT_FALSE(job.remove(0, false));
    second.say("cmd=barrier_out\n");
    EXPECT_EQ(job.take(fds[1]), Result<bool>(true));
    EXPECT_EQ(job.end_exchange(), Result<std::string>("piece"));
}

TEST_F(TwoRanks, LeaveNobodyToWaitForWhereBothDie) {
    begin();
    EXPECT_FALSE(job.remove(0, false));
    EXPECT_FALSE(job.is_empty());
    EXPECT_FALSE(job.remove(1, false)) << "there is nobody for whom it would end";
    EXPECT_TRUE(job.is_empty());
    EXPECT_TRUE(job.begin_exchange("piece"));
    EXPECT_THAT(job.waiting(), ElementsAre());
}

TEST(LauncherJob, TakesInWhomItsLauncherKnows) {
    LauncherJob job;
    const auto add = [&](std::uint32_t rank, std::uint32_t ranks, const std::string& words) {
        test::LauncherEnd end(words);
        const auto added = job.add(rank, ranks, pmi::Client(std::move(end.rank)));
        return added ? std::string() : added.error().message;
    };
    EXPECT_THAT(add(0, 0, ""), HasSubstr("how many ranks there are (PMI_SIZE)"));
    EXPECT_THAT(add(2, 2, ""), HasSubstr("none of the job"));
    EXPECT_EQ(add(1, 2, test::to_the_first("(vector,[0]x2)")), "");
    EXPECT_THAT(add(1, 2, ""), HasSubstr("came twice"));
    EXPECT_EQ(job.nodes(), (pmi::Mapping{0, 0}));
}

}  // namespace
}  // namespace mpi_podman
