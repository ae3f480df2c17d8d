#include "run/job_report.hpp"

#include <fcntl.h>
#include <linux/openat2.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>
#include <nlohmann/json.hpp>

#include "record/page.hpp"
#include "run/json_text.hpp"
#include "sys/fd.hpp"

namespace mpi_podman {
namespace {

using nlohmann::json;

constexpr mode_t for_all = 0666;  // less the umask
constexpr off_t most_bytes = 1 << 28;

/// It lies where ranks may write, and they put what they like in its place: no symbolic link is followed, not
/// above it either (openat2(2)), no fifo waited for, nothing opened that has another name. Else an empty Fd,
/// and errno.
Fd open_report(const std::string& path) {
    Fd file = open_resolved(AT_FDCWD, path, O_RDWR | O_CREAT | O_NONBLOCK, RESOLVE_NO_SYMLINKS, for_all);
    struct stat info {};
    if (!file || ::fstat(file.get(), &info) != 0) {
        return {};
    }
    if (!S_ISREG(info.st_mode) || info.st_nlink != 1 || info.st_size > most_bytes) {
        errno = EINVAL;
        return {};
    }
    return file;
}

std::string text_in(const Fd& file) {
    return read_file("/proc/self/fd/" + std::to_string(file.get())).value_or("");
}

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
    const Fd file = open_report(path);
    // Another node's janitor may be at it.
    if (!file || ::flock(file.get(), LOCK_EX) != 0) {
        return;
    }
    const auto text = text_in(file);
    auto before = ranks_of_report(text);
    if (!text.empty() && !before) {
        return;  // it was none when the job began, or there was none
    }
    const auto all = before && is_of_job(*before, ranks.front()) ? merged(*before, ranks) : ranks;
    replace(file, path.ends_with(".json") ? json_of(all) : page_of(all));
}

}  // namespace

Result<void> prepare_report(const std::string& path) {
    if (path.empty()) {
        return {};
    }
    const Fd file = open_report(path);
    if (!file) {
        return failure(Status::ours, "cannot write --report " + path + ": " + errno_text(),
                       "name a file, no link to one, in a directory that you may write to on every node");
    }
    const auto text = text_in(file);
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
