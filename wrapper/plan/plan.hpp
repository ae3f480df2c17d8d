/// Every decision about one rank's container, as a value.
#pragma once

#include <map>
#include <optional>
#include <string>
#include <vector>

#include "abi/host_mounts.hpp"
#include "cli/options.hpp"
#include "inspect/host.hpp"
#include "inspect/image.hpp"
#include "launcher/context.hpp"
#include "plan/pmi_path.hpp"
#include "plan/rank_environment.hpp"
#include "sys/result.hpp"

namespace mpi_podman {

/// A host path seen in the container at the same path.
struct Mount {
    std::string path;
    bool operator==(const Mount&) const = default;
};

struct Plan {
    std::string podman, image;
    std::vector<std::string> command;  ///< as typed, behind IMAGE; podman adds ENTRYPOINT and CMD
    std::string program;  ///< what will run: ENTRYPOINT's, COMMAND's or CMD's first word; may be empty
    std::optional<std::string> entrypoint;
    std::string name;      ///< of the container
    std::string job;       ///< label, empty where nobody named it
    std::string launcher;  ///< in words; empty without one
    pid_t launcher_pid = 0;
    std::string hostname;              ///< of this node
    bool per_rank = true;              ///< the container is this rank's own
    std::uint32_t begin_together = 0;  ///< ranks of this node that do; 0: each for itself
    bool keep_id = true, keep_groups = false;
    PidMode pid = PidMode::host;
    std::vector<Mount> mounts;  ///< podman's to make
    /// Of what is mounted, directories that the rank is to find empty: none is decided here, as they are made
    /// later (run/hidden.hpp).
    std::vector<std::string> hidden = {};
    std::vector<Mount>
        attached;          ///< made by each rank for itself, as the container outlives them: those of the job
    std::string mpi_from;  ///< which host MPI it has, a label; empty: the image's is used
    std::vector<HostMount> mpi_mounts;  ///< and what it sees of that, where somebody has looked
    std::uint32_t linger = 0;           ///< seconds the container waits for another job
    std::vector<std::string> volumes;   ///< as typed, but for paths from the current directory
    bool gets_tmp = false;  ///< podman makes a /tmp; in a node's container the first rank does, which sees it
    std::string workdir;    ///< empty: the image's
    mode_t umask = 022;
    std::vector<Limit> limits;
    std::string files_outside;  ///< that of open files as outside, in --ulimit's words: ours is raised
    std::vector<std::string> typed_limits;
    /// All that the hard limit allows, in --ulimit's words, where it is more and nothing else was typed: for
    /// devices that need it.
    std::string more_locked_memory;
    bool interactive = false, terminal = false;
    bool stdin_is_terminal = false;
    std::optional<int> pmi_fd;  ///< ours; it becomes fd 3 of podman and so of the rank
    PmiPath pmi;
    PmiEndpoint launcher_pmi;                 ///< for a bridge: where the launcher is to be reached
    std::optional<std::uint32_t> rank, size;  ///< for a bridge: who it speaks for
    RankEnvironment environment;
    std::optional<std::uint64_t> kills_for_memory = {};  ///< that the kernel had counted at the start
    Pull pull = Pull::missing;
    std::vector<std::string> devices;  ///< where nobody has looked at the node's, those that were typed
    std::string devices_asked_for;     ///< a label; empty: the usual
    std::vector<std::string> security, podman_arguments;

    bool operator==(const Plan&) const = default;
};

/// The name of the container that the wrapper with this pid starts.
std::string container_name(const std::string& hostname, pid_t wrapper);

/// The first word of what runs in the container, by podman's rules for ENTRYPOINT and CMD; empty where
/// nothing is named.
std::string program_of(const Options& options, const ImageFacts& image);

/// The paths whose existence on the host decides something: pass them to host_facts(). A relative ENTRYPOINT
/// of the image is not among them: it means the image's own file.
std::vector<std::string> paths_to_ask(const Options& options, const LauncherContext& context);

/// Decides. Pure. Fails where the rank would silently be a job of its own, or the options contradict each
/// other.
Result<Plan> decide(const Options& options, const LauncherContext& context, const Environment& environment,
                    const HostFacts& host, const ImageFacts& image);

/// Whether mounting this directory over the image's would hide a part of its system.
bool is_system_directory(const std::string& path);

}  // namespace mpi_podman
