#include <algorithm>
#include <string>
#include <string_view>
#include <vector>

#include "launcher/context.hpp"
#include "launcher/variables.hpp"

namespace mpi_podman {
namespace {

/// Conditions that hold together. Each is "NAME" or "NAME*" (set, not empty) or "NAME=VALUE".
using AllOf = std::vector<std::string_view>;

/// One thing a rank cannot do without: any one alternative will do.
struct Need {
    std::string_view missing;  ///< what to call it where no alternative holds
    std::vector<AllOf> alternatives;
};

/// What ranks of one launcher and PMI need.
struct Needs {
    Launcher launcher;
    Pmi pmi;
    std::vector<Need> needs;
};

/// Open MPI 4 told to go straight to PMIx, not by way of ORTE's daemon or Slurm.
const AllOf straight_to_pmix{"OMPI_MCA_ess=pmi", "OMPI_MCA_schizo=^orte"};

const Need nspace{"PMIX_NAMESPACE", {{"PMIX_NAMESPACE"}}};
const Need rank{"PMIX_RANK", {{"PMIX_RANK"}}};
const Need server{"PMIX_SERVER_URI*", {{"PMIX_SERVER_URI*"}}};

/// Found by leaving out one at a time (Open MPI 4.1.4, 5.0.7, MPICH 4.0.2); of Slurm's own the two that
/// orte/mca/schizo/slurm asks for: without them Open MPI 4 is a singleton although it has a PMIx server.
const std::vector<Needs> needs_by_launcher{
    {Launcher::open_mpi_4,
     Pmi::pmix,
     {nspace,
      rank,
      server,
      {"OMPI_MCA_orte_hnp_uri", {{"OMPI_MCA_orte_hnp_uri"}, straight_to_pmix}},
      {"OMPI_MCA_orte_local_daemon_uri", {{"OMPI_MCA_orte_local_daemon_uri"}, straight_to_pmix}}}},
    {Launcher::prrte, Pmi::pmix, {nspace, rank, server}},
    {Launcher::slurm,
     Pmi::pmix,
     {nspace,
      rank,
      server,
      {"SLURM_NODELIST", {{"SLURM_NODELIST"}, straight_to_pmix}},
      {"SLURM_STEP_ID", {{"SLURM_STEP_ID"}, straight_to_pmix}}}},
    {Launcher::slurm,
     Pmi::pmi2,
     {{"PMI_FD", {{"PMI_FD"}}}, {"PMI_RANK", {{"PMI_RANK"}}}, {"PMI_SIZE", {{"PMI_SIZE"}}}}},
    {Launcher::slurm, Pmi::none, {{"PMI_FD or PMIX_NAMESPACE", {}}}},
    // With PMI_PORT the rank asks its server for everything, by the id.
    {Launcher::hydra,
     Pmi::pmi1,
     {{"PMI_FD or PMI_PORT", {{"PMI_FD"}, {"PMI_PORT"}}},
      {"PMI_RANK", {{"PMI_RANK"}, {"PMI_PORT", "PMI_ID"}}},
      {"PMI_SIZE", {{"PMI_SIZE"}, {"PMI_PORT", "PMI_ID"}}}}},
};

bool holds(std::string_view condition, const Environment& environment) {
    const auto equals = condition.find('=');
    if (equals != std::string_view::npos) {
        return lookup(environment, condition.substr(0, equals)) == condition.substr(equals + 1);
    }
    return std::any_of(environment.begin(), environment.end(), [&](const auto& variable) {
        return !variable.second.empty() && matches(condition, variable.first);
    });
}

bool is_met(const Need& need, const Environment& environment) {
    const auto all_hold = [&](const AllOf& conditions) {
        return std::all_of(conditions.begin(), conditions.end(),
                           [&](std::string_view condition) { return holds(condition, environment); });
    };
    return std::any_of(need.alternatives.begin(), need.alternatives.end(), all_hold);
}

}  // namespace

std::vector<std::string> missing_for_rank(const LauncherContext& context, const Environment& environment) {
    std::vector<std::string> missing;
    // A job of one rank is the same with and without its launcher. An unknown size may be more than one.
    if (context.size == 1U) {
        return missing;
    }
    for (const auto& row : needs_by_launcher) {
        if (row.launcher != context.launcher || row.pmi != context.pmi) {
            continue;
        }
        for (const auto& need : row.needs) {
            if (!is_met(need, environment)) {
                missing.emplace_back(need.missing);
            }
        }
    }
    return missing;
}

}  // namespace mpi_podman
