#include "run/job_report.hpp"

#include <fcntl.h>
#include <sys/file.h>
#include <unistd.h>

#include <nlohmann/json.hpp>

#include "record/page.hpp"
#include "run/json_text.hpp"
#include "sys/fd.hpp"

namespace mpi_podman {
namespace {

using nlohmann::json;

constexpr mode_t for_all = 0666;  // less the umask

/// Replaces what the file holds, for nobody but who has its lock.
void replace(const Fd& file, const std::string& text) {
    if (::ftruncate(file.get(), 0) == 0 && ::lseek(file.get(), 0, SEEK_SET) == 0) {
        write_all(file.get(), text);
    }
}

bool is_of_job(const std::vector<RankRecord>& ranks, const RankRecord& one) {
    return !ranks.empty() && ranks.front().job == one.job && ranks.front().launcher == one.launcher;
}

void write_report(const std::string& path, const std::vector<RankRecord>& ranks) {
    const Fd file(::open(path.c_str(), O_RDWR | O_CREAT | O_CLOEXEC, for_all));
    // Another node's janitor may be at it.
    if (!file || ::flock(file.get(), LOCK_EX) != 0) {
        return;
    }
    auto before = ranks_of_report(read_file(path).value_or("")).value_or(std::vector<RankRecord>{});
    if (!is_of_job(before, ranks.front())) {
        before.clear();
    }
    const auto all = merged(before, ranks);
    replace(file, path.ends_with(".json") ? json_of(all) : page_of(all));
}

}  // namespace

Result<void> prepare_report(const std::string& path) {
    if (path.empty()) {
        return {};
    }
    const Fd file(::open(path.c_str(), O_RDWR | O_CREAT | O_CLOEXEC, for_all));
    if (!file) {
        return failure(Status::ours, "cannot write --report " + path + ": " + errno_text(),
                       "name a file in a directory that you may write to on every node");
    }
    const auto text = read_file(path).value_or("");
    if (!text.empty() && !ranks_of_report(text)) {
        return failure(Status::ours, "--report " + path + " is there, and no report of mpi-podman's",
                       "name another file, or remove it");
    }
    return {};
}

std::string report_note(const std::string& file, const RankRecord& record) {
    const json note{{"file", file}, {"record", line_of(record)}};
    return std::string(report_note_begins) + note.dump(-1, ' ', false, json::error_handler_t::replace);
}

std::map<std::string, std::vector<RankRecord>> reports_in(const std::vector<std::string>& notes) {
    std::map<std::string, std::vector<RankRecord>> reports;
    for (const auto& note : notes) {
        // One that is no object: its writer was killed over it.
        const auto object = json::parse(note.substr(report_note_begins.size()), nullptr, false);
        if (const auto record = record_from(text_at(object, "record"))) {
            auto& ranks = reports[text_at(object, "file")];
            ranks = merged(ranks, {*record});
        }
    }
    return reports;
}

void write_reports(const std::vector<std::string>& notes) {
    for (const auto& [file, ranks] : reports_in(notes)) {
        write_report(file, ranks);
    }
}

}  // namespace mpi_podman
