#include "run/job_report.hpp"

#include <gmock/gmock.h>

#include "unit/record/samples.hpp"

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

}  // namespace
}  // namespace mpi_podman
