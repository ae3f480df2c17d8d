#include "record/rank_record.hpp"

#include <gmock/gmock.h>

#include "record/page.hpp"
#include "unit/record/samples.hpp"
#include "unit/sample_facts.hpp"

namespace mpi_podman {

/// How GoogleTest prints one.
inline void PrintTo(const RankRecord& record, std::ostream* out) { *out << line_of(record); }
inline void PrintTo(const Decision& decision, std::ostream* out) {
    *out << decision.what << ": " << decision.why;
}

namespace {

using test::sample_job;
using test::sample_record;
using testing::Contains;
using testing::ElementsAre;
using testing::IsEmpty;
using testing::Not;

TEST(RankRecord, IsALineAndBack) {
    auto record = sample_record(1, "node\n2");
    EXPECT_EQ(record_from(line_of(record)).value_or(RankRecord{}), record);
    record.ending.reset();
    record.usage.reset();
    record.moments[Moment::connected].reset();
    record.error = "no image";
    EXPECT_EQ(record_from(line_of(record)).value_or(RankRecord{}), record);
    EXPECT_EQ(line_of(record).find('\n'), std::string::npos);
}

TEST(RankRecord, BytesThatAreNoTextDoNotSpoilIt) {
    auto record = sample_record(0, "node1");
    record.command = "ring \xff";
    EXPECT_EQ(record_from(line_of(record)).value_or(RankRecord{}).command, "ring \xEF\xBF\xBD");
}

TEST(RankRecord, OfAnotherFormIsRefused) {
    for (const auto* line : {"", "{", "[]", "{}", "null", R"({"node": 1})"}) {
        EXPECT_FALSE(record_from(line)) << line;
        EXPECT_FALSE(ranks_from(line)) << line;
    }
    EXPECT_FALSE(ranks_from(R"({"ranks": [1]})"));
}

TEST(Job, IsJsonAndBack) {
    EXPECT_EQ(ranks_from(json_of(sample_job())).value_or(std::vector<RankRecord>{}), sample_job());
    EXPECT_THAT(ranks_from(json_of({})).value_or(sample_job()), IsEmpty());
}

TEST(Merged, ByNumberAndOfARankTheLater) {
    auto later = sample_record(0, "node3");
    later.moments[Moment::started] = 200;
    const auto ranks = merged({sample_record(1, "node2"), sample_record(0, "node1")}, {later});
    EXPECT_THAT(ranks, ElementsAre(later, sample_record(1, "node2")));
    EXPECT_THAT(merged({later}, {sample_record(0, "node1")}), ElementsAre(later));
}

TEST(RecordOf, APlanHasReasonsAndNoValues) {
    const auto options = test::sample_options();
    const auto context = test::open_mpi_context();
    auto environment = test::open_mpi_environment();
    environment["SECRET"] = "swordfish";
    const auto plan = decide(options, context, environment, test::sample_host(), test::sample_image());
    ASSERT_TRUE(plan);
    const auto record = record_of(*plan, options, context, environment);
    EXPECT_EQ(record.rank, context.rank);
    EXPECT_THAT(record.mounts, Contains(Decision{"/home/mpi", "the current directory"}));
    EXPECT_THAT(record.passed, Contains(Decision{"SECRET", "yours"}));
    EXPECT_THAT(record.kept_out, Contains(Decision{"PATH", "the image has its own programs"}));
    EXPECT_THAT(record.passed, Not(Contains(Decision{"PATH", "the image has its own programs"})));
    EXPECT_EQ(line_of(record).find("swordfish"), std::string::npos);
}

}  // namespace
}  // namespace mpi_podman
