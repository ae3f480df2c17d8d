#include "record/page.hpp"

#include <gmock/gmock.h>

#include "record/timeline.hpp"
#include "unit/record/samples.hpp"

namespace mpi_podman {
namespace {

using test::sample_job;
using test::sample_record;
using testing::ElementsAre;
using testing::HasSubstr;
using testing::Not;

std::vector<std::string> names_of(const std::vector<Phase>& phases) {
    std::vector<std::string> names;
    for (const auto& phase : phases) {
        names.emplace_back(phase.name);
    }
    return names;
}

TEST(Phases, FollowEachOtherWithoutAGap) {
    const auto phases = phases_of(sample_record(0, "node1"), 200);
    EXPECT_THAT(names_of(phases), ElementsAre("waiting", "entering", "loading", "working"));
    for (std::size_t i = 1; i < phases.size(); ++i) {
        EXPECT_DOUBLE_EQ(phases[i - 1].end, phases[i].begin);
    }
    EXPECT_DOUBLE_EQ(phases.back().end, 103);
}

TEST(Phases, OfARankWhoseEndNobodySawLastUntilNow) {
    auto record = sample_record(0, "node1");
    record.moments[Moment::ended].reset();
    EXPECT_DOUBLE_EQ(phases_of(record, 200).back().end, 200);
    EXPECT_TRUE(phases_of(RankRecord{}, 200).empty());
}

TEST(Span, FromTheFirstWrapperToTheLastEnd) {
    const auto span = span_of(sample_job());
    EXPECT_DOUBLE_EQ(span.begin, 100);
    EXPECT_DOUBLE_EQ(span.at_work, 100.7);
    EXPECT_DOUBLE_EQ(span.end, 103);
}

TEST(Ticks, AreRoundAndFiveToTen) {
    EXPECT_DOUBLE_EQ(tick_for(10), 1);
    EXPECT_DOUBLE_EQ(tick_for(3), 0.5);
    EXPECT_DOUBLE_EQ(tick_for(0.9), 0.1);
    EXPECT_DOUBLE_EQ(tick_for(86400), 10000);
}

TEST(Page, HoldsItsRanksForScripts) {
    EXPECT_EQ(ranks_of_report(page_of(sample_job())).value_or(std::vector<RankRecord>{}), sample_job());
    EXPECT_EQ(ranks_of_report(json_of(sample_job())).value_or(std::vector<RankRecord>{}), sample_job());
    for (const auto* text : {"", "<html></html>", "notes"}) {
        EXPECT_FALSE(ranks_of_report(text)) << text;
    }
}

TEST(Page, SaysHowEachRankEndedAndWhatIsMissing) {
    auto ranks = sample_job();
    EXPECT_THAT(page_of(ranks), HasSubstr("2 ranks on 2 nodes, 3.000 s. All ended with status 0."));
    ranks[1].ending = Ending{0, 11};
    EXPECT_THAT(page_of(ranks), HasSubstr("signal 11 (Segmentation fault)"));
    ranks[1].ending.reset();
    EXPECT_THAT(page_of(ranks), HasSubstr("no end was seen"));
    ranks.pop_back();
    EXPECT_THAT(page_of(ranks), HasSubstr("Of 1 nothing is known."));
}

TEST(Page, OfALongJobShowsItsStartByItself) {
    auto ranks = sample_job();
    EXPECT_THAT(page_of(ranks), HasSubstr("the start of the job"));
    ranks[0].moments[Moment::ended] = ranks[1].moments[Moment::ended] = 100.8;
    EXPECT_THAT(page_of(ranks), Not(HasSubstr("the start of the job")));
}

TEST(Page, WordsOfOthersAreNoMarkup) {
    auto ranks = sample_job();
    ranks[0].command = "</script><script>alert(1)</script>\x1b[31m";
    ranks[0].node = "<b>";
    const auto page = page_of(ranks);
    EXPECT_THAT(page, Not(HasSubstr("<script>alert")));
    EXPECT_THAT(page, Not(HasSubstr("<b>")));
    EXPECT_THAT(page, Not(HasSubstr("\x1b")));
    EXPECT_EQ(ranks_of_report(page).value_or(std::vector<RankRecord>{}), ranks);
}

}  // namespace
}  // namespace mpi_podman
