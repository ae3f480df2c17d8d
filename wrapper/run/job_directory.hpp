/// A directory that the ranks of one job on one node share: what one of them finds out, all know; what one
/// has said, no other repeats; the last one out removes it.
#pragma once

#include <sys/types.h>
#include <unistd.h>

#include <cstdint>
#include <functional>
#include <string>
#include <vector>

#include "launcher/context.hpp"
#include "record/rank_record.hpp"
#include "sys/fd.hpp"
#include "sys/result.hpp"

namespace mpi_podman {

/// Where it may be, the best first: below the launcher's session directory, the user's runtime directory, the
/// user's cache (with the host's name, as homes are shared). Never a name in /tmp that somebody else could
/// take.
std::vector<std::string> job_directory_bases(const LauncherContext& context, const Environment& environment,
                                             uid_t uid, const std::string& hostname);

/// Its name below such a base: the job's, or where the launcher names none, the launcher process's.
std::string job_directory_name(const LauncherContext& context);

class JobDirectory {
public:
    /// Joins the directory, which is made with mode 0700; one that is not ours, or a link, is refused.
    /// `local_size` (0: unknown) is how many ranks will come: before that many did, or `launcher`, our
    /// parent, has died, nobody removes it.
    static Result<JobDirectory> join(const std::vector<std::string>& bases, const std::string& name,
                                     std::uint32_t local_size, pid_t launcher = ::getppid());

    JobDirectory(JobDirectory&&) = default;
    JobDirectory& operator=(JobDirectory&&) = delete;
    JobDirectory(const JobDirectory&) = delete;
    JobDirectory& operator=(const JobDirectory&) = delete;
    ~JobDirectory() { leave(); }

    /// Ends the membership; the last member removes the directory.
    void leave() noexcept;

    [[nodiscard]] const std::string& path() const { return path_; }

    /// Notes a container that is about to be started, for when ranks die before they could see to it; and
    /// that podman may not remove the containers by itself: what it left to do so is gone, or was never
    /// there.
    void note_container(const std::string& podman, const std::string& name) const;
    /// One that is removed by who notes it, but where that is killed.
    void note_rank_container(const std::string& podman, const std::string& name) const;
    /// The directory of the node's that runs, which goes with it: so it is seen whether podman did.
    void note_bundle(const std::string& directory) const;
    /// Where podman, the runtime and conmon keep the state of one that runs (run/conmon.hpp), and may forget
    /// it.
    void note_run_paths(const std::vector<std::string>& paths) const;
    void note_unclean() const;
    /// Directories of this and other jobs that podman makes where they are missing, to mount over them: they
    /// go with the job where they are empty.
    void note_hidden(const std::vector<std::string>& directories) const;

    /// For the report of the job, which is written when all its ranks on this node have ended; of two notes
    /// of a rank the later counts.
    void note_record(const std::string& report, const RankRecord& record) const;

    /// Waits until no other process of the job holds the lock of this name, a file of the directory, and
    /// takes it: until the Fd, and every copy of it, is closed. Fails where there can be no such file.
    [[nodiscard]] Result<Fd> lock(const std::string& name) const;

    /// What `find_out` returned to the first rank that asked; the others wait for it and read it.
    Result<std::string> once(const std::string& name, const std::function<std::string()>& find_out) const;

    /// True for the first that asks with this message in this job on this node.
    [[nodiscard]] bool is_first_to_say(const std::string& message) const;

private:
    JobDirectory(std::string base, std::string path, Fd membership, std::uint32_t local_size);

    std::string base_, path_;
    Fd membership_;  ///< holds a shared flock(2) as long as this process, or one forked from it, is a member
    std::uint32_t local_size_;
};

}  // namespace mpi_podman
