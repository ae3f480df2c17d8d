#include "run/member_notes.hpp"

#include <algorithm>
#include <array>
#include <sstream>

#include "run/job_report.hpp"

namespace mpi_podman {
namespace {

constexpr char between = '\t';  // the podman and the name of a container's line
constexpr std::string_view bundle_begins = "bundle ";
constexpr std::string_view run_path_begins = "run ";
constexpr std::string_view hidden_begins = "hidden ";
constexpr std::string_view rank_begins = "rank ";

}  // namespace

std::string container_note(const std::string& podman, const std::string& name) {
    return podman + between + name;
}

std::string rank_container_note(const std::string& podman, const std::string& name) {
    return std::string(rank_begins) + container_note(podman, name);
}

std::string bundle_note(const std::string& directory) { return std::string(bundle_begins) + directory; }

std::string run_path_note(const std::string& path) { return std::string(run_path_begins) + path; }

std::string hidden_note(const std::string& directory) { return std::string(hidden_begins) + directory; }

bool note(const Fd& members, std::string_view line) {
    return write_all(members.get(), std::string(line) + "\n");
}

MemberNotes notes_in(const Fd& members) {
    MemberNotes notes;
    std::istringstream lines(read_file("/proc/self/fd/" + std::to_string(members.get())).value_or(""));
    for (std::string line; std::getline(lines, line);) {
        if (line.starts_with(report_note_begins)) {
            notes.reports.push_back(std::move(line));
            continue;
        }
        const std::array<std::pair<std::string_view, std::vector<std::string>&>, 3> of_paths{
            {{bundle_begins, notes.bundles},
             {run_path_begins, notes.run_paths},
             {hidden_begins, notes.hidden}}};
        const auto* const kind =
            std::ranges::find_if(of_paths, [&](const auto& each) { return line.starts_with(each.first); });
        if (kind != of_paths.end()) {
            kind->second.push_back(line.substr(kind->first.size()));
            continue;
        }
        notes.came += line == came ? 1 : 0;
        notes.left += line == left ? 1 : 0;
        notes.unclean = notes.unclean || line == unclean;
        const bool of_rank = line.starts_with(rank_begins);
        line.erase(0, of_rank ? rank_begins.size() : 0);
        if (const auto at = line.rfind(between); at != std::string::npos) {
            (of_rank ? notes.of_ranks : notes.containers)
                .emplace_back(line.substr(0, at), line.substr(at + 1));
        }
    }
    return notes;
}

}  // namespace mpi_podman
