/// What the launcher said about this rank: read from the environment alone, a pure function.
#pragma once

#include <cstdint>
#include <functional>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "launcher/environment.hpp"
#include "sys/result.hpp"

namespace mpi_podman {

/// Who started this process.
enum class Launcher : std::uint8_t {
    none,        ///< nobody: a job of one rank
    open_mpi_4,  ///< mpirun of Open MPI 4 (ORTE)
    prrte,       ///< mpirun of Open MPI 5, prterun, prun
    hydra,       ///< mpiexec.hydra of MPICH, MVAPICH, Intel MPI
    slurm,       ///< srun
};

/// Which process management interface the launcher offers to the rank.
enum class Pmi : std::uint8_t { none, pmi1, pmi2, pmix };

/// How a PMI-1/PMI-2 rank reaches its server.
struct PmiEndpoint {
    std::optional<int> fd;  ///< PMI_FD: an inherited, connected socket
    std::string port;       ///< PMI_PORT: host:port, where the launcher gives no fd
    bool operator==(const PmiEndpoint&) const = default;
};

/// The launcher's view of one rank. Absent numbers were not told, they are never guessed.
struct LauncherContext {
    Launcher launcher = Launcher::none;
    Pmi pmi = Pmi::none;
    /// PMIx namespace id, or "slurm-JOB.STEP"; unique per user and node. Bytes as they came: make a file name
    /// of it before use as one. Empty without launcher and for Hydra with PMI_FD, which gives nothing to tell
    /// jobs by.
    std::string job;
    std::optional<std::uint32_t> rank, size, local_rank, local_size;
    PmiEndpoint endpoint;
    /// Directories and files of the launcher that the rank must see at their own path; sorted, none below
    /// another.
    std::vector<std::string> session_paths;
    /// The launcher's own directory for this job on this node, which it removes with everything in it; empty
    /// where there is none. Of a PRRTE DVM (prte, prun) it is shared by the DVM's jobs and goes with the DVM.
    std::string session_directory;

    bool operator==(const LauncherContext&) const = default;
};

/// Answers whether an inherited fd number is an open socket (fstat(2), S_ISSOCK); injected to keep capture
/// pure.
using IsSocket = std::function<bool(int fd)>;

/// Reads the context. Fails (Status::ours) with a message that names the variable where a value is absurd:
/// not a number, rank >= size, local_rank >= local_size, a session directory that is not absolute or holds
/// "..", a PMIx namespace id longer than PMIX_MAX_NSLEN, a PMI_FD that is no open socket.
Result<LauncherContext> launcher_context(const Environment& environment, const IsSocket& is_socket);

/// What is sound of a context that launcher_context() refuses: launcher, job and how many ranks; enough for
/// the ranks of the node to find each other and say once what is wrong.
LauncherContext outline_of_job(const Environment& environment);

/// "mpirun (Open MPI 4)", "srun" ...: the words a user knows the launcher by.
std::string_view name_of(Launcher launcher);
/// "PMIx", "PMI-2", "PMI-1", "no PMI".
std::string_view name_of(Pmi pmi);

/// What a rank still lacks to find its job in `environment` (its own, as it will be inside the container):
/// the names of missing variables, empty where it is complete. A rank that lacks one comes up as a job of
/// its own, silently (see README, "silent singletons").
std::vector<std::string> missing_for_rank(const LauncherContext& context, const Environment& environment);

}  // namespace mpi_podman
