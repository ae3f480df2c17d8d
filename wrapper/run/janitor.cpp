#include "run/janitor.hpp"

#include <fcntl.h>
#include <sys/file.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <chrono>
#include <filesystem>
#include <utility>
#include <vector>

#include "run/conmon.hpp"
#include "run/container.hpp"
#include "run/job_report.hpp"
#include "run/member_notes.hpp"
#include "run/private_directory.hpp"
#include "run/run_paths.hpp"
#include "run/signals.hpp"
#include "run/stays.hpp"
#include "sys/process.hpp"

namespace mpi_podman {
namespace {

namespace fs = std::filesystem;
using namespace std::chrono_literals;
using TimePoint = std::chrono::steady_clock::time_point;

/// A container of its own podman's conmon removes; not so where conmon was killed, nor where another
/// container was in its linux namespaces still (podman-rm(1)), nor, for sure, one that was being started when
/// the ranks died.
bool podman_may_need_us(const MemberNotes& notes) {
    return notes.came > notes.left || notes.containers.size() > 1 || notes.unclean;
}

/// Whether podman has not removed its container in time, which it does in another process when conmon tells
/// it to: that may be killed, or find no memory.
bool remains(const std::string& bundle) { return file_stays(bundle, 5s); }

/// One podman has made them all, but for jobs that name several.
std::string podman_of(const MemberNotes& notes) {
    const auto& of = notes.containers.empty() ? notes.of_ranks : notes.containers;
    return of.empty() ? "podman" : of.front().first;
}

/// And what podman keeps of one that it may have given up while it made it. Its id is read before: a newer
/// podman removes that with the container.
void remove_containers(MemberNotes& notes, const std::string& path, TimePoint until) {
    for (const auto& [podman, name] : notes.containers) {
        const auto id_file = id_file_in(path, name);
        const auto told = run_paths_told(id_file);
        if (remove_container(podman, name, until, id_told(id_file))) {
            notes.run_paths.insert(notes.run_paths.end(), told.begin(), told.end());
        }
    }
}

/// Those of ranks that were killed, where their guards have not seen to it, nor conmon, which may be dead
/// too.
void remove_unguarded(const MemberNotes& notes, TimePoint until) {
    const auto runs = [](const auto& container) {
        return conmon_of(container.second) != 0 || !podman_starting(container.second).empty();
    };
    static_cast<void>(stays([&] { return std::ranges::any_of(notes.of_ranks, runs); }, 3s));
    for (const auto& container : notes.of_ranks) {
        if (runs(container) || podman_knows(container.first, container.second)) {
            remove_container(container.first, container.second, until);
        }
    }
}

void remove_directories(const std::string& base, const std::string& path) {
    std::error_code ignored;
    fs::remove_all(path, ignored);
    remove_base(base);
}

/// What podman made to mount over it, as it had gone with another job: not what has anything in it.
void remove_hidden(const MemberNotes& notes) {
    for (const auto& directory : notes.hidden) {
        ::rmdir(directory.c_str());
    }
}

bool is_unlinked(const Fd& file) {
    struct stat info {};
    return ::fstat(file.get(), &info) != 0 || info.st_nlink == 0;
}

Fd open_members(const std::string& path, int flags = 0) {
    return Fd(::open((path + "/" + members_file).c_str(), O_RDWR | O_NOFOLLOW | O_CLOEXEC | flags, 0600));
}

/// Whether it is there and no job's: one that another job of its name is making has a member in a moment.
bool is_nobodys(const std::string& path) {
    return stays([&] { return ::access(path.c_str(), F_OK) == 0 && !open_members(path); }, 1s);
}

/// What is there of it after it was removed, or nearly.
void remove_remains(const std::string& base, const std::string& path) {
    if (is_nobodys(path)) {
        remove_directories(base, path);
    }
    remove_base(base);
}

/// What the job's members left, when the last of them has ended. `gone`: the directory is already.
void clean(const std::string& base, const std::string& path, MemberNotes notes, bool gone) {
    const bool at_once = podman_may_need_us(notes);
    const bool killed = notes.came > notes.left;
    const auto until = std::chrono::steady_clock::now() + time_for_other_jobs;
    if (at_once) {
        remove_containers(notes, path, until);
    }
    // A launcher that removes its session directory may leave a part of ours: links, Open MPI. So may a last
    // member that dies as it removes it.
    if (!gone) {
        remove_directories(base, path);
    } else {
        remove_remains(base, path);
    }
    if (killed) {
        remove_unguarded(notes, until);
    }
    if (!at_once && std::ranges::any_of(notes.bundles, remains)) {
        remove_containers(notes, path, until);
    }
    remove_run_paths(podman_of(notes), notes.run_paths);
    // Podmans of ranks that were killed may have written there since, or made what they were to hide
    // (run/hidden.hpp).
    if (killed) {
        remove_remains(base, path);
    }
    remove_hidden(notes);
    write_reports(notes.reports);
}

/// Address space that nothing uses until it is given back: a janitor that starts where its memory is limited
/// (ulimit -v) to what there is has some when it is to clean up.
class Reserve {
public:
    Reserve() : start_(::mmap(nullptr, size, PROT_NONE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0)) {}
    Reserve(const Reserve&) = delete;
    Reserve& operator=(const Reserve&) = delete;
    Reserve(Reserve&&) = delete;
    Reserve& operator=(Reserve&&) = delete;
    ~Reserve() { give_back(); }
    [[nodiscard]] bool is_there() const { return start_ != MAP_FAILED; }
    void give_back() {
        if (is_there()) {
            ::munmap(start_, size);
            start_ = MAP_FAILED;
        }
    }

private:
    static constexpr std::size_t size = std::size_t{2} << 20U;
    void* start_;
};

/// Waits for the last member's end, by the lock that each of them holds.
void keep_clean(const std::string& base, const std::string& path, Fd members, std::uint32_t local_size,
                const Fd& launcher, Reserve& reserve) {
    constexpr std::chrono::milliseconds look_again{1000};  // while ranks are still to come
    while (members && ::flock(members.get(), LOCK_EX) == 0) {
        reserve.give_back();
        const bool gone = is_unlinked(members);
        const bool no_more_will_come = gone || ended_within(launcher, 0ms);
        auto notes = notes_in(members);
        if (no_more_will_come || notes.came == 0 || notes.came >= local_size) {
            clean(base, path, std::move(notes), gone);
            // A home on NFS keeps what is open, under another name (unlink(2)).
            members.reset();
            ::rmdir(path.c_str());
            remove_base(base);
            return;
        }
        ::flock(members.get(), LOCK_UN);
        ended_within(launcher, look_again);
    }
}

/// A directory that a janitor made, with its file of members; else `why`, as Founded has it.
struct Foundation {
    std::string base, path;
    Fd members;
    int why = Founded::there;
};

Foundation lay(const std::string& wanted, const std::string& name) {
    constexpr int most = 100;  // times that another removes under us what we make
    std::string base;
    for (int attempt = 0; attempt < most; ++attempt) {
        base = make_base(wanted);
        if (base.empty()) {
            break;
        }
        const auto path = base + "/" + name;
        const Made made = make_private(path);
        if (made == Made::before) {
            return {};
        }
        if (made == Made::now) {
            auto members = open_members(path, O_CREAT);
            const int why = members ? Founded::there : errno;
            if (why == ENOENT) {
                continue;
            }
            if (!members) {
                ::rmdir(path.c_str());
                remove_base(base);
            }
            return {base, path, std::move(members), why};
        }
    }
    if (!base.empty()) {
        remove_base(base);
    }
    return {{}, {}, {}, Founded::unusable};
}

void found(const std::string& wanted, const std::string& name, std::uint32_t local_size, const Fd& launcher,
           const Fd& answer) {
    block_signals();
    if (is_closed_within(answer, 0)) {
        return;  // whoever killed the one that asked may kill this process too, with something half made
    }
    Reserve reserve;
    if (!reserve.is_there()) {
        const int why = ENOMEM;
        [[maybe_unused]] const auto told = ::write(answer.get(), &why, sizeof why);
        return;
    }
    auto made = lay(wanted, name);
    const bool told = ::write(answer.get(), &made.why, sizeof made.why) > 0;
    if (made.members) {
        if (told) {
            is_closed_within(answer, -1);
        }
        keep_clean(made.base, made.path, std::move(made.members), local_size, launcher, reserve);
    }
}

}  // namespace

void remove_if_abandoned(const std::string& base, const std::string& path, const Fd& members,
                         std::uint32_t local_size) {
    if (::flock(members.get(), LOCK_EX | LOCK_NB) == 0 && !is_unlinked(members)) {
        const auto notes = notes_in(members);
        if (notes.came >= local_size && !podman_may_need_us(notes) && notes.reports.empty()) {
            remove_directories(base, path);
            remove_hidden(notes);
        }
    }
    ::flock(members.get(), LOCK_UN);
}

Result<Founded> found_directory(const std::string& base, const std::string& name, std::uint32_t local_size,
                                pid_t launcher_pid) {
    auto answer = make_pipe();
    if (!answer) {
        return Founded{errno, {}};
    }
    const Fd launcher = pidfd_of_parent(launcher_pid);
    const auto code = [&] {
        answer->read_end.reset();
        found(base, name, local_size, launcher, answer->write_end);
    };
    if (const auto forked = fork_apart("job-janitor", code, {launcher.get(), answer->write_end.get()});
        !forked) {
        return failure(forked.error());
    }
    answer->write_end.reset();
    int why = Founded::there;  // as far as one got that was killed: look again
    static_cast<void>(read_some(answer->read_end.get(), &why, sizeof why));
    return Founded{why, std::move(answer->read_end)};
}

Result<void> post_janitor(const std::string& base, const std::string& path) {
    const auto code = [&] {
        block_signals();
        Reserve reserve;
        keep_clean(base, path, open_members(path), 0, {}, reserve);
    };
    return fork_apart("job-janitor", code, {});
}

}  // namespace mpi_podman
