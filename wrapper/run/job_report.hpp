/// --report: what the ranks of a node noted becomes a file, together with what other nodes wrote there.
#pragma once

#include <map>
#include <string>
#include <string_view>
#include <vector>

#include "record/rank_record.hpp"
#include "sys/result.hpp"

namespace mpi_podman {

/// Makes the file where it is not there; with an empty name nothing. Fails where it cannot be written, or is
/// somebody else's: of no form that a report has.
Result<void> prepare_report(const std::string& path);

/// What a rank notes for the janitor, a line (no newline in it) that begins with `report_note_begins`.
std::string report_note(const std::string& file, const RankRecord& record);
inline constexpr std::string_view report_note_begins = "report ";

/// The ranks of each file that notes name. Pure. Ranks can write there: what is no note counts for nothing.
std::map<std::string, std::vector<RankRecord>> reports_in(const std::vector<std::string>& notes);

/// For the janitor, when all ranks of the node have ended: writes each file that the notes name. The ranks of
/// the same job that other nodes have written, on a file system they share, stay; another job's go.
void write_reports(const std::vector<std::string>& notes);

}  // namespace mpi_podman
