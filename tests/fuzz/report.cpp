/// A file that --report names, a rank's line for it, or what it noted in the job's directory: JSON, or a page
/// with JSON in it.
#include "fuzz/told.hpp"
#include "record/page.hpp"
#include "record/rank_record.hpp"
#include "run/job_report.hpp"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* bytes, std::size_t size) {
    using namespace mpi_podman;
    const auto text = fuzz::text_of(bytes, size);
    const auto record = record_from(text);
    fuzz::require_told(record);
    if (record) {
        const auto line = line_of(*record);
        fuzz::require(line.find('\n') == std::string::npos, "a record is a line");
        fuzz::require(record_from(line) == record, "a record is read as it was written");
    }
    for (const auto& [file, ranks] : reports_in({std::string(report_note_begins) + std::string(text)})) {
        fuzz::require(ranks.size() == 1 && file.size() < size, "a note is of one rank");
    }
    const auto ranks = ranks_of_report(text);
    fuzz::require_told(ranks);
    if (ranks) {
        fuzz::require(ranks_from(json_of(*ranks)) == ranks, "a report is read as it was written");
        const auto all = merged(*ranks, *ranks);
        fuzz::require(all.size() <= ranks->size(), "a rank is there once");
        fuzz::require(all.empty() || ranks_of_report(page_of(all)) == all, "a page has the report in it");
    }
    return 0;
}
