/// Why a rank ended as soon as it had begun, where the facts of what it ran show that. Nothing is looked at
/// for a rank that ends well.
#pragma once

#include <chrono>
#include <functional>
#include <optional>
#include <string>
#include <vector>

#include "abi/verdict.hpp"
#include "plan/plan.hpp"
#include "run/job_directory.hpp"
#include "sys/process.hpp"

namespace mpi_podman {

/// Ends as loaders, processors and MPI_Init fail: 1, 15 (MPICH), 126, 127, 255, or SIGILL, SIGSEGV and the
/// like, within ten seconds.
bool may_be_explained(const Ending& ending, std::chrono::milliseconds ran);

/// Pure. What makes such an end certain (a library or a version that is not there), or else what may be
/// behind it, said to be no more; nothing where these facts show neither.
std::optional<Error> explanation_of(const Ending& ending, const RootFacts& image, const CommandFacts& command,
                                    const PmiPath& pmi);

/// A rank that has ended, and how to see what it saw.
struct EndedRank {
    Ending ending;
    std::chrono::milliseconds ran{0};
    std::vector<std::string> programs;  ///< what ran; of an ENTRYPOINT also what that may have started
    std::vector<std::string> environment;
    std::string workdir;
};

/// Looks, where the end is such, and says what there is to say: one line for the ranks of a node that ended
/// this way.
void explain_ending(const EndedRank& rank, const Plan& plan, const std::function<Rootfs()>& root,
                    const JobDirectory& directory);

/// The same for a rank whose container was its own and is gone: what it saw is put together again.
void explain_ending(const Ending& ending, std::chrono::milliseconds ran, const Plan& plan,
                    const JobDirectory& directory);

}  // namespace mpi_podman
