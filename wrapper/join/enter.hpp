/// Entering a node container: the rank becomes a process of its linux namespaces, confined as podman
/// confines, and stays below the wrapper: its cgroup, session, terminal, fds, limits and affinity are those
/// the launcher gave.
#pragma once

#include <sys/types.h>

#include <optional>
#include <string>
#include <vector>

#include "join/description.hpp"
#include "join/limits.hpp"
#include "sys/fd.hpp"
#include "sys/process.hpp"
#include "sys/result.hpp"

namespace mpi_podman {

/// What runs, and how it is confined.
struct Rank {
    std::vector<std::string> argv;         ///< argv[0] is looked up in the PATH of `environment`
    std::vector<std::string> environment;  ///< NAME=VALUE
    std::string workdir;                   ///< in the container
    std::vector<ResourceLimit> limits;     ///< typed by the user; all others stay as they are outside
    std::vector<std::string> attached;     ///< the host's directories and files this rank alone has mounted
    std::vector<std::string> hidden = {};  ///< directories of those that it is to find empty
    std::vector<int> own = {};             ///< fds that the rank alone is to hold, and no process between
    int made = -1;  ///< where directories made in the container for that are noted, a line each; or nowhere
};

/// The two processes below the wrapper: the keeper, in the container's pid linux namespace, and its child,
/// the rank. The keeper adopts what the rank leaves behind (prctl(2), PR_SET_CHILD_SUBREAPER) and ends it
/// with the rank, or when this object, or the whole wrapper, goes.
class Joined {
public:
    /// Enters the namespaces of process `agent` that the description notes, and starts the rank there: one
    /// that who described the container shared with it stays as the launcher made it for this rank. A wrapper
    /// in the container's user namespace already, where who described it was not, is refused (setns(2)).
    static Result<Joined> enter(const Fd& agent, pid_t agent_pid, const Description& description,
                                const Rank& rank);

    /// Readable when the keeper has ended.
    [[nodiscard]] int pidfd() const noexcept { return keeper_.pidfd(); }
    /// A signal for the rank; the keeper passes it on, unless the whole process group got it.
    void signal(int number) const noexcept;
    [[nodiscard]] pid_t keeper() const noexcept { return keeper_.pid(); }
    /// After wait(): what the rank used, and what it had waited for.
    [[nodiscard]] const rusage& usage() const noexcept { return keeper_.usage(); }
    /// Waits for the keeper's end. The rank's ending, nothing where the keeper was killed, and the rank with
    /// it; a failure with the step and errno where it never ran.
    Result<std::optional<Ending>> wait(const Rank& rank, const std::string& image);

private:
    Joined(Child keeper, Fd channel) : keeper_(std::move(keeper)), channel_(std::move(channel)) {}
    Child keeper_;
    Fd channel_;
};

}  // namespace mpi_podman
