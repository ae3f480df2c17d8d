/// The launchers of this host: what they are is asked of themselves.
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "check/report.hpp"
#include "launcher/environment.hpp"

namespace mpi_podman {

/// A program of this host, as PATH leads to it; empty where there is none.
std::string program_in_path(const Environment& environment, const std::string& name);

/// What a program is that said this when asked for --version; nothing where it is no launcher known here.
/// Pure. Sets launcher, PMI and release; srun's PMI is what it is told, so it is left at none.
std::optional<HostLauncher> launcher_by_words(std::string_view said);

/// The PMI of `srun --mpi=TYPE`, or of SLURM_MPI_TYPE (srun(1)).
Pmi pmi_of_slurm(std::string_view type);

/// What srun --mpi=list says, best first: pmix, pmi2. Pure.
std::vector<std::string> types_of_slurm(std::string_view said);

/// The words for jobs of `ranks` ranks, where nobody typed any. Pure.
std::vector<std::string> words_for(Launcher launcher, const std::string& program, unsigned ranks,
                                   const std::string& slurm_type);

/// mpirun, mpiexec, mpiexec.hydra and srun as PATH has them, each launcher once. `facts_cache` keeps what
/// they said as long as their files are the same; may be empty.
std::vector<HostLauncher> launchers_on_host(const Environment& environment, const std::string& facts_cache,
                                            unsigned ranks);

/// The one that these words start: 'srun --mpi=pmi2', '/opt/mpi/bin/mpirun -np 4'. Fails where that is none.
Result<HostLauncher> launcher_named(const std::string& words, const Environment& environment,
                                    const std::string& facts_cache);

}  // namespace mpi_podman
