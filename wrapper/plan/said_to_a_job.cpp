#include "plan/said_to_a_job.hpp"

#include <algorithm>
#include <array>

#include "launcher/variables.hpp"

namespace mpi_podman {
namespace {

/// What a launcher says to one job, and what else begins so and is a setting, which an image may have: MPI in
/// a place of its own, Cray's PMI_NO_FORK.
constexpr std::array words_to_a_job{"PMI_FD",
                                    "PMI_RANK",
                                    "PMI_SIZE",
                                    "PMI_PORT",
                                    "PMI_ID",
                                    "PMI_ADDR",
                                    "PMI_JOBID",
                                    "PMI_KVS*",
                                    "PMI_SPAWNED",
                                    "PMI_APPNUM",
                                    "PMI_UNI*",
                                    "PMI_LOCAL*",
                                    "PMI_PROC*",
                                    "PMI2_*",
                                    "PMIX_*",
                                    "HYDI_*",
                                    "MPI_LOCAL*",
                                    "OMPI_COMM*",
                                    "OMPI_MCA_orte_*",
                                    "OMPI_MCA_ess*",
                                    "ORTE_*",
                                    "OMPI_UNIVERSE_*",
                                    "OMPI_FILE*",
                                    "OMPI_APP_CTX*",
                                    "OMPI_FIRST_RANKS",
                                    "SLURM_*",
                                    "SLURMD_*",
                                    "SRUN_*",
                                    "OMPI_NUM_APP_CTX*",
                                    "PRTE_LAUNCHED",
                                    "PALS_*",
                                    "FLUX_*"};
constexpr std::array settings_among_them{"PMIX_MCA_*", "PMIX_PREFIX", "PMIX_INSTALL_PREFIX"};

}  // namespace

bool is_said_to_a_job(std::string_view name) {
    const auto fits = [&](std::string_view pattern) { return matches(pattern, name); };
    return std::ranges::any_of(words_to_a_job, fits) && std::ranges::none_of(settings_among_them, fits);
}

void leave_out_what_the_image_says(const std::vector<std::string>& image, RankEnvironment& rank) {
    for (const auto& entry : image) {
        const auto name = entry.substr(0, entry.find('='));
        const bool is_told = rank.set.contains(name) || std::ranges::count(rank.inherited, name) > 0;
        if (is_said_to_a_job(name) && !is_told && std::ranges::count(rank.unset, name) == 0) {
            rank.unset.push_back(name);
        }
    }
}

}  // namespace mpi_podman
