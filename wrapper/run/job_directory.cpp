#include "run/job_directory.hpp"

#include <fcntl.h>
#include <sys/file.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <cstring>
#include <ctime>
#include <filesystem>
#include <new>

#include "run/janitor.hpp"
#include "run/job_report.hpp"
#include "run/member_notes.hpp"
#include "run/private_directory.hpp"

namespace mpi_podman {
namespace {

namespace fs = std::filesystem;

constexpr time_t abandoned_after = 60;  // seconds without a member

std::string cleaned(std::string name) {
    std::replace_if(
        name.begin(), name.end(),
        [](unsigned char c) { return std::isalnum(c) == 0 && c != '.' && c != '-'; }, '_');
    if (name.starts_with('.')) {
        name.front() = '_';  // never the directory itself or its parent
    }
    return name;
}

/// Removes what was made for nothing, unless another rank has come meanwhile, whose it is then. Takes no file
/// descriptor: there may be none.
void withdraw(const std::string& base, const std::string& path, const Fd& members) {
    struct stat info {};
    if (::flock(members.get(), LOCK_EX | LOCK_NB) == 0 && ::fstat(members.get(), &info) == 0 &&
        info.st_nlink > 0) {
        ::unlink((path + "/" + members_file).c_str());
    }
    ::rmdir(path.c_str());
    remove_base(base);
}

/// A membership; or why there can be none, in errno's numbers. Neither where the directory was removed
/// meanwhile, or cannot be.
struct Entry {
    Fd membership;
    int why = 0;
    std::string base = {}, path = {};
};

/// Opens the membership file and holds it shared.
Entry become_member(const std::string& base, const std::string& path) {
    Fd file(::open((path + "/" + members_file).c_str(), O_RDWR | O_CREAT | O_APPEND | O_NOFOLLOW | O_CLOEXEC,
                   0600));
    struct stat info {};
    if (!file || ::flock(file.get(), LOCK_SH) != 0 || ::fstat(file.get(), &info) != 0) {
        const int why = errno == ENOENT ? 0 : errno;
        withdraw(base, path, file);
        return {{}, why};
    }
    if (info.st_nlink == 0) {
        return {};
    }
    if (!note(file, came)) {
        const int why = errno;
        withdraw(base, path, file);
        return {{}, why};
    }
    return {std::move(file), 0};
}

Error no_directory(const std::string& path, int why) {
    if (why == 0) {
        return {Status::ours, "no directory of your own for the job's files on this node",
                "set XDG_RUNTIME_DIR to a directory of mode 0700 that you own, or make ~/.cache writable"};
    }
    const bool no_fd = why == EMFILE || why == ENFILE;
    // NOLINTNEXTLINE(concurrency-mt-unsafe): one thread only
    return {Status::ours, "cannot keep the job's files in " + path + ": " + std::strerror(why),
            no_fd           ? "raise the limit of open files: ulimit -n"
            : why == ENOMEM ? "is memory left, and what limits it (ulimit -v)?"
                            : "is there room, and may you write there?"};
}

/// Jobs that were killed before all their ranks came leave their directory: it goes when the user's next job
/// starts.
void sweep(const std::string& base) {
    std::error_code ignored;
    for (const auto& entry : fs::directory_iterator(base, ignored)) {
        const Fd file(::open((entry.path() / members_file).c_str(), O_RDWR | O_NOFOLLOW | O_CLOEXEC));
        struct stat info {};
        const int known = file ? ::fstat(file.get(), &info) : ::lstat(entry.path().c_str(), &info);
        if (known != 0 || info.st_mtime + abandoned_after >= ::time(nullptr)) {
            continue;
        }
        if (!file) {
            ::rmdir(entry.path().c_str());  // where it is empty: its janitor was killed as it made it
        } else if (::flock(file.get(), LOCK_EX | LOCK_NB) == 0) {
            static_cast<void>(post_janitor(base, entry.path().string()));
        }
    }
}

/// Joins one that is there.
Entry enter(const std::string& base, const std::string& path) {
    return make_private(path, Missing::is_refused) == Made::before ? become_member(base, path) : Entry{};
}

bool is_there(const std::string& path) {
    struct stat info {};
    return ::lstat(path.c_str(), &info) == 0;
}

/// Joins the directory `name` below a base, as JobDirectory::join says it.
Result<Entry> join_below(const std::string& wanted, const std::string& name, std::uint32_t local_size,
                         pid_t launcher) {
    // What the last member of another job, or of this one, removes between two steps of ours is made again.
    for (int attempt = 0; attempt < 100; ++attempt) {
        auto founded = is_there(wanted + "/" + name) ? Result<Founded>(Founded{})
                                                     : found_directory(wanted, name, local_size, launcher);
        if (!founded) {
            return failure(founded.error());
        }
        if (founded->why != Founded::there) {
            return Entry{{}, std::max(founded->why, 0), {}, wanted + "/" + name};
        }
        const auto base = make_base(wanted, Missing::is_refused);
        if (base.empty()) {
            continue;
        }
        const auto path = base + "/" + name;
        auto entry = enter(base, path);
        if (entry.membership && founded->until_member) {
            sweep(base);
        }
        if (entry.membership || entry.why != 0) {
            return Entry{std::move(entry.membership), entry.why, base, path};
        }
    }
    return Entry{};
}

}  // namespace

std::vector<std::string> job_directory_bases(const LauncherContext& context, const Environment& environment,
                                             uid_t uid, const std::string& hostname) {
    std::vector<std::string> bases;
    if (!context.session_directory.empty()) {
        bases.push_back(context.session_directory + "/mpi-podman");
    }
    if (const auto runtime = lookup(environment, "XDG_RUNTIME_DIR"); runtime && runtime->starts_with('/')) {
        bases.push_back(std::string(*runtime) + "/mpi-podman");
    }
    bases.push_back("/run/user/" + std::to_string(uid) + "/mpi-podman");
    if (const auto home = lookup(environment, "HOME"); home && home->starts_with('/')) {
        bases.push_back(std::string(*home) + "/.cache/mpi-podman/" + cleaned(hostname));
    }
    return bases;
}

std::string job_directory_name(const LauncherContext& context) {
    if (context.launcher == Launcher::none) {
        return "alone-" + std::to_string(::getpid());
    }
    if (!context.job.empty()) {
        return cleaned(context.job);
    }
    // Hydra tells nothing that is unique to a job, but its PMI socket leads to the one proxy of the job and
    // node.
    ucred peer{};
    socklen_t size = sizeof peer;
    const bool known =
        context.endpoint.fd && ::getsockopt(*context.endpoint.fd, SOL_SOCKET, SO_PEERCRED, &peer, &size) == 0;
    return "launcher-" + std::to_string(known ? peer.pid : ::getppid());
}

Result<JobDirectory> JobDirectory::join(const std::vector<std::string>& bases, const std::string& name,
                                        std::uint32_t local_size, pid_t launcher) {
    std::string tried;
    int why = 0;
    for (const auto& base : bases) {
        auto entry = join_below(base, name, local_size, launcher);
        if (!entry) {
            return failure(entry.error());
        }
        if (entry->membership) {
            return JobDirectory(entry->base, entry->path, std::move(entry->membership), local_size);
        }
        if (entry->why != 0) {
            tried = entry->path;
            why = entry->why;
        }
    }
    return failure(no_directory(tried, why));
}

JobDirectory::JobDirectory(std::string base, std::string path, Fd membership, std::uint32_t local_size)
    : base_(std::move(base)),
      path_(std::move(path)),
      membership_(std::move(membership)),
      local_size_(local_size) {}

void JobDirectory::leave() noexcept {
    if (!membership_) {
        return;
    }
    try {
        note(membership_, left);
        remove_if_abandoned(base_, path_, membership_, local_size_);
    } catch (const std::bad_alloc&) {
        // The janitor has its own memory.
    }
    membership_.reset();
}

void JobDirectory::note_container(const std::string& podman, const std::string& name) const {
    note(membership_, container_note(podman, name));
}

void JobDirectory::note_rank_container(const std::string& podman, const std::string& name) const {
    note(membership_, rank_container_note(podman, name));
}

void JobDirectory::note_bundle(const std::string& directory) const {
    note(membership_, bundle_note(directory));
}

void JobDirectory::note_run_paths(const std::vector<std::string>& paths) const {
    for (const auto& each : paths) {
        note(membership_, run_path_note(each));
    }
}

void JobDirectory::note_record(const std::string& report, const RankRecord& record) const {
    note(membership_, report_note(report, record));
}

void JobDirectory::note_unclean() const { note(membership_, unclean); }

void JobDirectory::note_hidden(const std::vector<std::string>& directories) const {
    for (const auto& each : directories) {
        note(membership_, hidden_note(each));
    }
}

Result<Fd> JobDirectory::lock(const std::string& name) const {
    const auto path = path_ + "/" + name;
    Fd file(::open(path.c_str(), O_RDWR | O_CREAT | O_NOFOLLOW | O_CLOEXEC, 0600));
    if (!file || ::flock(file.get(), LOCK_EX) != 0) {
        return failure(Status::ours, "cannot lock " + path + ": " + errno_text(), "is the directory full?");
    }
    return file;
}

Result<std::string> JobDirectory::once(const std::string& name,
                                       const std::function<std::string()>& find_out) const {
    const auto held = lock(name + ".lock");
    if (!held) {
        return failure(held.error());
    }
    const auto answer = path_ + "/" + name;
    if (auto known = read_file(answer)) {
        return known;
    }
    auto found = find_out();
    return write_file(answer, found).map([&] { return std::move(found); });
}

bool JobDirectory::is_first_to_say(const std::string& message) const {
    const auto mark = path_ + "/said-" + std::to_string(std::hash<std::string>{}(message));
    const Fd fresh(::open(mark.c_str(), O_WRONLY | O_CREAT | O_EXCL | O_NOFOLLOW | O_CLOEXEC, 0600));
    return fresh || errno != EEXIST;
}

}  // namespace mpi_podman
