#include "run/job_report.hpp"

#include <gmock/gmock.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cstdio>
#include <functional>

#include "record/page.hpp"
#include "unit/record/samples.hpp"
#include "unit/temporary_directory.hpp"

namespace mpi_podman {

/// How GoogleTest prints one.
inline void PrintTo(const RankRecord& record, std::ostream* out) { *out << line_of(record); }

namespace {

using test::sample_record;
using testing::ElementsAre;
using testing::IsEmpty;
using testing::Pair;

TEST(ReportsInNotes, AreTheRanksOfEachFile) {
    const auto first = sample_record(0, "node1"), second = sample_record(1, "node1");
    EXPECT_THAT(reports_in({report_note("/r.html", second), report_note("/r.html", first)}),
                ElementsAre(Pair("/r.html", ElementsAre(first, second))));
}

TEST(ReportsInNotes, WhatIsNoneCountsForNothing) {
    for (const std::string note : {"", "{", "7", "[]", R"({"file": "/f"})", R"({"file": "/f", "record": 7})",
                                   R"({"file": 7, "record": "{}"})", R"({"record": {}})"}) {
        EXPECT_THAT(reports_in({std::string(report_note_begins) + note}), IsEmpty()) << note;
    }
}

/// Where a job's report is to be; ranks may write there.
class ReportFile : public testing::Test {
protected:
    void write() const { write_reports({report_note(path, sample_record(0, "node1"))}); }

    test::TemporaryDirectory home;
    std::string path = home / "report.json";
    std::string mine = home.file("mine", "mine");
};

TEST_F(ReportFile, IsWrittenWhereItWasPrepared) {
    ASSERT_TRUE(prepare_report(path));
    write();
    EXPECT_TRUE(ranks_of_report(test::content_of(path)));
    ASSERT_TRUE(prepare_report(path)) << "one that is there";
}

TEST_F(ReportFile, IsNotWrittenToWhatARankPutInItsPlace) {
    const std::vector<std::function<int()>> tricks{[&] { return ::symlink(mine.c_str(), path.c_str()); },
                                                   [&] { return ::link(mine.c_str(), path.c_str()); },
                                                   [&] { return ::mkfifo(path.c_str(), 0600); },
                                                   [&] { return ::mkdir(path.c_str(), 0700); }};
    for (std::size_t i = 0; i < tricks.size(); ++i) {
        ASSERT_EQ(tricks[i](), 0);
        write();
        EXPECT_EQ(test::content_of(mine), "mine") << i;
        EXPECT_FALSE(prepare_report(path)) << i;
        ASSERT_EQ(std::remove(path.c_str()), 0);
    }
}

TEST_F(ReportFile, IsNotWrittenOverWhatIsNone) {
    home.file("report.json", "mine");
    write();
    EXPECT_EQ(test::content_of(path), "mine");
    EXPECT_FALSE(prepare_report(path));
}

TEST_F(ReportFile, IsNotWrittenBelowALink) {
    ASSERT_EQ(::symlink(".", (home / "link").c_str()), 0);
    write_reports({report_note(home / "link/report.json", sample_record(0, "node1"))});
    EXPECT_NE(::access(path.c_str(), F_OK), 0);
}

}  // namespace
}  // namespace mpi_podman
