#include "launcher/launchers.hpp"

#include <algorithm>
#include <array>

namespace mpi_podman {
namespace {

bool has(const Environment& environment, std::string_view name) { return environment.contains(name); }

std::string text(const Environment& environment, std::string_view name) {
    return std::string(lookup(environment, name).value_or(""));
}

bool is_step(std::string_view id) {
    const auto is_digit = [](char c) { return c >= '0' && c <= '9'; };
    const auto dot = id.find('.');
    const auto digits = [&](std::string_view part) {
        return !part.empty() && std::all_of(part.begin(), part.end(), is_digit);
    };
    return dot != std::string_view::npos && digits(id.substr(0, dot)) && digits(id.substr(dot + 1));
}

/// Slurm's own steps have ids above SLURM_MAX_NORMAL_STEP_ID (slurm.h: 0xfffffff0). That of salloc's shell
/// (LaunchParameters=use_interactive_step, 4294967290) is no step of ranks: a shell like any other.
bool is_reserved(const std::string& step) { return step.size() == 10 && step > "4294967280"; }

/// Whether `value` names a Slurm step other than this process's own. sbatch and srun hand on every variable
/// of the step they are called in, so a step without PMI, or a batch script, may carry PMIX_* and PMI_* of
/// another (seen with 22.05 and 24.11: srun --overlap --mpi=none, and sbatch, inside srun --mpi=pmix).
bool names_another_step(const Environment& environment, std::string_view value, std::string_view prefix) {
    if (!value.starts_with(prefix)) {
        return false;
    }
    const auto step = value.substr(prefix.size());
    return is_step(step) && step != slurm_step(environment);
}

bool by_prrte(const Environment& environment) { return has(environment, "PRTE_LAUNCHED"); }

/// No "OMPI_MCA_*" will do: Slurm 24.11 sets OMPI_MCA_orte_precondition_transports and
/// OMPI_MCA_plm_slurm_args.
bool by_open_mpi_4(const Environment& environment) { return has(environment, "OMPI_COMM_WORLD_RANK"); }

/// Inside a Slurm allocation Hydra starts its proxies with srun: their step's rank and size are not the
/// job's.
bool by_hydra(const Environment& environment) { return has(environment, "MPI_LOCALRANKID"); }

/// A batch script and a shell of salloc have a job and tasks, but no step.
bool by_slurm(const Environment& environment) { return !slurm_step(environment).empty(); }

bool by_slurm_with_pmix(const Environment& environment) {
    const auto id = lookup(environment, "PMIX_NAMESPACE");
    return by_slurm(environment) && id && !names_another_step(environment, *id, "slurm.pmix.");
}

bool by_slurm_with_pmi2(const Environment& environment) {
    return by_slurm(environment) && has(environment, "PMI_FD") &&
           !names_another_step(environment, text(environment, "PMI_JOBID"), "");
}

/// Launchers that speak PMI-1 without saying who they are: mpirun_rsh of MVAPICH, flux.
bool by_some_pmi1_launcher(const Environment& environment) {
    return (has(environment, "PMI_RANK") || has(environment, "PMI_ID")) &&
           (has(environment, "PMI_FD") || has(environment, "PMI_PORT"));
}

/// PMIx launchers that do not say who they are: a rank needs nothing that PRRTE's do not need.
bool by_some_pmix_launcher(const Environment& environment) {
    return has(environment, "PMIX_NAMESPACE") && has(environment, "PMIX_RANK");
}

bool by_nobody(const Environment& /*environment*/) { return true; }

std::string pmix_job(const Environment& environment) { return text(environment, "PMIX_NAMESPACE"); }

std::string slurm_job(const Environment& environment) { return "slurm-" + slurm_step(environment); }

/// With PMI_PORT each node's proxy listens on a port of its own. With PMI_FD nothing in the environment tells
/// jobs apart (seen with MPICH 4.0.2 and 4.2.1): SO_PEERCRED of that fd would, it has the pid of the node's
/// proxy.
std::string hydra_job(const Environment& environment) {
    const auto port = text(environment, "PMI_PORT");
    return port.empty() ? std::string{} : "hydra-" + port.substr(port.rfind(':') + 1);
}

std::string no_job(const Environment& /*environment*/) { return {}; }

using Sources = std::vector<NumberSource>;
const Sources ompi_rank{{"OMPI_COMM_WORLD_RANK"}, {"PMIX_RANK"}};
const Sources ompi_size{{"OMPI_COMM_WORLD_SIZE"}};
const Sources ompi_local_rank{{"OMPI_COMM_WORLD_LOCAL_RANK"}};
const Sources ompi_local_size{{"OMPI_COMM_WORLD_LOCAL_SIZE"}};
const Sources pmi_rank{{"PMI_RANK"}, {"PMI_ID"}};
const Sources pmi_size{{"PMI_SIZE"}};
const Sources hydra_local_rank{{"MPI_LOCALRANKID"}};
const Sources hydra_local_size{{"MPI_LOCALNRANKS"}};
/// Not SLURM_NTASKS, SLURM_NPROCS: srun --preserve-env leaves them the allocation's.
const Sources step_size{{"SLURM_STEP_NUM_TASKS"}};
const Sources step_size_and_pmi{{"SLURM_STEP_NUM_TASKS"}, {"PMI_SIZE"}};
const Sources step_local_rank{{"SLURM_LOCALID"}};
const Sources step_local_size{{"SLURM_GTIDS", Reading::list_length}};

/// PMIX_SYSTEM_TMPDIR and orte_tmpdir_base are the whole of /tmp: never mounted. The directory above the
/// job's own is, all of it the user's: Open MPI 5 in an image makes another one there, beside the job's.
const std::vector<std::string_view> orte_paths{"OMPI_MCA_orte_top_session_dir", "PMIX_SERVER_TMPDIR",
                                               "PMIX_DSTORE_*_BASE_PATH"};
const std::vector<std::string_view> pmix_paths{"PMIX_SERVER_TMPDIR", "PMIX_DSTORE_*_BASE_PATH"};

// clang-format off
// A column each: launcher, PMI, how to know it; rank, size, local rank, local size; job; session variables, directory.
const std::array rows{
    LauncherRow{Launcher::prrte, Pmi::pmix, by_prrte,
                ompi_rank, ompi_size, ompi_local_rank, ompi_local_size,
                pmix_job, pmix_paths, "PMIX_SERVER_TMPDIR"},
    LauncherRow{Launcher::open_mpi_4, Pmi::pmix, by_open_mpi_4,
                ompi_rank, ompi_size, ompi_local_rank, ompi_local_size,
                pmix_job, orte_paths, "OMPI_MCA_orte_jobfam_session_dir"},
    LauncherRow{Launcher::hydra, Pmi::pmi1, by_hydra,
                pmi_rank, pmi_size, hydra_local_rank, hydra_local_size,
                hydra_job, {}, {}},
    LauncherRow{Launcher::slurm, Pmi::pmix, by_slurm_with_pmix,
                {{"SLURM_PROCID"}, {"PMIX_RANK"}}, step_size, step_local_rank, step_local_size,
                slurm_job, pmix_paths, "PMIX_SERVER_TMPDIR"},
    LauncherRow{Launcher::slurm, Pmi::pmi2, by_slurm_with_pmi2,
                {{"SLURM_PROCID"}, {"PMI_RANK"}}, step_size_and_pmi, step_local_rank, step_local_size,
                slurm_job, {}, {}},
    LauncherRow{Launcher::slurm, Pmi::none, by_slurm,
                {{"SLURM_PROCID"}}, step_size, step_local_rank, step_local_size,
                slurm_job, {}, {}},
    LauncherRow{Launcher::hydra, Pmi::pmi1, by_some_pmi1_launcher,
                pmi_rank, pmi_size, {}, {},
                hydra_job, {}, {}},
    LauncherRow{Launcher::prrte, Pmi::pmix, by_some_pmix_launcher,
                {{"PMIX_RANK"}}, {}, {}, {},
                pmix_job, pmix_paths, {}},
    LauncherRow{Launcher::none, Pmi::none, by_nobody,
                {}, {}, {}, {},
                no_job, {}, {}},
};
// clang-format on

}  // namespace

std::string slurm_step(const Environment& environment) {
    const auto step = text(environment, has(environment, "SLURM_STEP_ID") ? "SLURM_STEP_ID" : "SLURM_STEPID");
    const auto job = text(environment, has(environment, "SLURM_JOB_ID") ? "SLURM_JOB_ID" : "SLURM_JOBID");
    return step.empty() || is_reserved(step) ? std::string{} : job + "." + step;
}

const LauncherRow& row_for(const Environment& environment) {
    return *std::find_if(rows.begin(), rows.end(),
                         [&](const LauncherRow& row) { return row.started(environment); });
}

}  // namespace mpi_podman
