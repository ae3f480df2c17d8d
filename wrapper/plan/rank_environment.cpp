#include "plan/rank_environment.hpp"

#include <algorithm>
#include <array>

#include "launcher/variables.hpp"
#include "sys/printable.hpp"

namespace mpi_podman {
namespace {

struct Rule {
    std::string_view pattern;  ///< a name, or a prefix where it ends in '*'
    VariableKind kind;
    std::string_view reason;
};

/// First match wins. README.md has its groups for users: keep the two together.
constexpr std::array rules{
    Rule{"OMPI_MCA_mca_base_component_path", VariableKind::host_mpi,
         "plugin directory of the launcher's Open MPI"},
    Rule{"PMIX_MCA_mca_base_component_path", VariableKind::host_mpi,
         "plugin directory of the launcher's PMIx"},
    Rule{"PRTE_MCA_mca_base_component_path", VariableKind::host_mpi,
         "plugin directory of the launcher's PRRTE"},
    Rule{"OPAL_PREFIX", VariableKind::host_mpi, "where the launcher's Open MPI is installed"},
    Rule{"PMIX_PREFIX", VariableKind::host_mpi, "where the launcher's PMIx is installed"},
    Rule{"PMIX_INSTALL_PREFIX", VariableKind::host_mpi, "where the launcher's PMIx is installed"},
    Rule{"PRTE_PREFIX", VariableKind::host_mpi, "where the launcher's PRRTE is installed"},
    Rule{"PMIX_PARAM_FILE_PASSED", VariableKind::host_mpi,
         "says that a file only the launcher can see was read"},
    Rule{"OMPI_LIBDIR_LOC", VariableKind::host_mpi, "where the launcher's Open MPI is installed"},
    Rule{"I_MPI_ROOT", VariableKind::host_mpi, "where the launcher's Intel MPI is installed"},
    Rule{"I_MPI_PMI_LIBRARY", VariableKind::host_mpi, "a library of the launcher's"},
    Rule{"FI_PROVIDER_PATH", VariableKind::host_mpi,
         "the only places libfabric then looks for its providers"},

    Rule{"OMPI_*", VariableKind::launcher, "Open MPI"},
    Rule{"PMIX_*", VariableKind::launcher, "PMIx"},
    Rule{"PMI_*", VariableKind::launcher, "PMI-1, PMI-2"},
    Rule{"PMI2_*", VariableKind::launcher, "PMI-2"},
    Rule{"PRTE_*", VariableKind::launcher, "PRRTE"},
    Rule{"OPAL_*", VariableKind::launcher, "Open MPI"},
    Rule{"ORTE_*", VariableKind::launcher, "Open MPI 4"},
    Rule{"SLURM_*", VariableKind::launcher, "Slurm"},
    Rule{"SLURMD_*", VariableKind::launcher, "Slurm"},
    Rule{"SRUN_*", VariableKind::launcher, "Slurm"},
    Rule{"PALS_*", VariableKind::launcher, "PALS"},
    Rule{"FLUX_*", VariableKind::launcher, "Flux"},
    Rule{"HYDRA_*", VariableKind::launcher, "Hydra"},
    Rule{"HYDI_*", VariableKind::launcher, "Hydra"},
    Rule{"GFORTRAN_UNBUFFERED_PRECONNECTED", VariableKind::launcher, "Hydra: unbuffered Fortran output"},
    Rule{"MPI_LOCAL*", VariableKind::launcher, "Hydra: rank and number of ranks on the node"},
    Rule{"MPIR_*", VariableKind::launcher, "MPICH"},
    Rule{"MPICH_*", VariableKind::launcher, "MPICH"},
    Rule{"MV2_*", VariableKind::launcher, "MVAPICH"},
    Rule{"I_MPI_*", VariableKind::launcher, "Intel MPI"},
    Rule{"UCX_*", VariableKind::launcher, "UCX"},
    Rule{"UCC_*", VariableKind::launcher, "UCC"},
    Rule{"FI_*", VariableKind::launcher, "libfabric"},
    Rule{"PSM2_*", VariableKind::launcher, "Omni-Path"},
    Rule{"PSM3_*", VariableKind::launcher, "Omni-Path"},
    Rule{"HWLOC_*", VariableKind::launcher, "hwloc"},
    Rule{"IPATH_*", VariableKind::launcher, "Open MPI sets it for Omni-Path"},
    Rule{"HFI_*", VariableKind::launcher, "Open MPI sets it for Omni-Path"},
    Rule{"OMP_*", VariableKind::launcher, "OpenMP: launchers set threads and places"},
    Rule{"KMP_*", VariableKind::launcher, "OpenMP of Intel and LLVM"},
    Rule{"GOMP_*", VariableKind::launcher, "OpenMP of GCC"},
    Rule{"CUDA_VISIBLE_DEVICES", VariableKind::launcher, "the GPUs of this rank"},
    Rule{"ROCR_VISIBLE_DEVICES", VariableKind::launcher, "the GPUs of this rank"},
    Rule{"HIP_VISIBLE_DEVICES", VariableKind::launcher, "the GPUs of this rank"},
    Rule{"GPU_DEVICE_ORDINAL", VariableKind::launcher, "the GPUs of this rank"},

    Rule{"PATH", VariableKind::host_place, "the image has its own programs"},
    Rule{"LD_LIBRARY_PATH", VariableKind::host_place, "the image has its own libraries"},
    Rule{"DYLD_LIBRARY_PATH", VariableKind::host_place, "Open MPI sets it on remote nodes, on Linux too"},
    Rule{"LD_PRELOAD", VariableKind::host_place, "a library of the host"},
    Rule{"LD_AUDIT", VariableKind::host_place, "a library of the host"},
    Rule{"LIBRARY_PATH", VariableKind::host_place, "compiler search path"},
    Rule{"CPATH", VariableKind::host_place, "compiler search path"},
    Rule{"C_INCLUDE_PATH", VariableKind::host_place, "compiler search path"},
    Rule{"CPLUS_INCLUDE_PATH", VariableKind::host_place, "compiler search path"},
    Rule{"PKG_CONFIG_PATH", VariableKind::host_place, "compiler search path"},
    Rule{"CMAKE_PREFIX_PATH", VariableKind::host_place, "compiler search path"},
    Rule{"ACLOCAL_PATH", VariableKind::host_place, "compiler search path"},
    Rule{"MANPATH", VariableKind::host_place, "documentation of the host"},
    Rule{"INFOPATH", VariableKind::host_place, "documentation of the host"},
    Rule{"PYTHONHOME", VariableKind::host_place, "the host's Python"},
    Rule{"PYTHONPATH", VariableKind::host_place, "the host's Python"},
    Rule{"PYTHONSTARTUP", VariableKind::host_place, "a file of the host"},
    Rule{"VIRTUAL_ENV", VariableKind::host_place, "the host's Python"},
    Rule{"CONDA_*", VariableKind::host_place, "the host's conda"},
    Rule{"PERL5LIB", VariableKind::host_place, "the host's Perl"},
    Rule{"R_LIBS*", VariableKind::host_place, "the host's R"},
    Rule{"JAVA_HOME", VariableKind::host_place, "the host's Java"},
    Rule{"MODULEPATH*", VariableKind::host_place, "environment modules"},
    Rule{"MODULESHOME", VariableKind::host_place, "environment modules"},
    Rule{"MODULES_*", VariableKind::host_place, "environment modules"},
    Rule{"LOADEDMODULES", VariableKind::host_place, "environment modules"},
    Rule{"_LMFILES_*", VariableKind::host_place, "environment modules"},
    Rule{"LMOD_*", VariableKind::host_place, "environment modules"},
    Rule{"__LMOD_*", VariableKind::host_place, "environment modules"},
    Rule{"_ModuleTable*", VariableKind::host_place, "environment modules"},
    Rule{"BASH_ENV", VariableKind::host_place, "a start-up file of the host"},
    Rule{"ENV", VariableKind::host_place, "a start-up file of the host"},
    Rule{"BASH_FUNC_*", VariableKind::host_place, "functions of the host's shell"},
    Rule{"SHELL", VariableKind::host_place, "the image may have another"},
    Rule{"SHLVL", VariableKind::host_place, "depth of the host's shell"},
    Rule{"_", VariableKind::host_place, "the path of mpi-podman itself"},
    Rule{"PWD", VariableKind::host_place, "set where the working directory is the current one"},
    Rule{"OLDPWD", VariableKind::host_place, "the host's shell"},
    Rule{"HOME", VariableKind::host_place, "passes where it is mounted; else podman names one that exists"},
    Rule{"TMPDIR", VariableKind::host_place, "passes where it is mounted"},
    Rule{"TMP", VariableKind::host_place, "passes where it is mounted"},
    Rule{"TEMP", VariableKind::host_place, "passes where it is mounted"},
    Rule{"HOSTNAME", VariableKind::host_place, "podman sets it"},
    Rule{"MAIL", VariableKind::host_place, "a file of the host"},
    Rule{"XDG_*", VariableKind::host_place, "directories of the host's session"},
    Rule{"DBUS_*", VariableKind::host_place, "the host's session bus"},
    Rule{"SSH_*", VariableKind::host_place, "the ssh session the launcher came by"},
    Rule{"GPG_*", VariableKind::host_place, "agents of the host"},
    Rule{"XAUTHORITY", VariableKind::host_place, "a file of the host"},
    Rule{"SUDO_*", VariableKind::host_place, "how the launcher was started"},
    Rule{"CONTAINERS_*", VariableKind::host_place, "podman's own"},
    Rule{"CONTAINER_*", VariableKind::host_place, "podman's own"},
    Rule{"STORAGE_*", VariableKind::host_place, "podman's own"},
    Rule{"REGISTRY_AUTH_FILE", VariableKind::host_place, "podman's own"},
    Rule{"container", VariableKind::host_place, "podman sets it"},
};

/// These name a directory and pass after all where the container sees it at the same path.
constexpr std::array<std::string_view, 4> pass_where_mounted{"HOME", "TMPDIR", "TMP", "TEMP"};

/// These pass with the host's MPI, which has no other way to find its parts; Open MPI has its own.
constexpr std::array<std::string_view, 3> pass_with_hosts_mpi{"I_MPI_ROOT", "I_MPI_PMI_LIBRARY",
                                                              "FI_PROVIDER_PATH"};

/// With any of these left, Open MPI or MPICH would look for a server.
constexpr std::array<std::string_view, 8> pmi_patterns{"OMPI_*", "PMIX_*", "PMI_*",  "PMI2_*",
                                                       "PRTE_*", "ORTE_*", "HYDI_*", "MPI_LOCAL*"};

constexpr Rule of_all_others{"*", VariableKind::user, "yours"};

const Rule& rule_for(std::string_view name) {
    const auto* rule =
        std::find_if(rules.begin(), rules.end(), [&](const Rule& r) { return matches(r.pattern, name); });
    return rule == rules.end() ? of_all_others : *rule;
}

/// Hydra inside a step of srun --mpi=pmix leaves the step's variables in place: a rank would join the wrong
/// job.
bool is_foreign_pmix(Pmi pmi, std::string_view name) {
    return (pmi == Pmi::pmi1 || pmi == Pmi::pmi2) && name.starts_with("PMIX_");
}

bool passes(const Options& options, const std::string& name, const std::string& value,
            const std::vector<std::string>& mounted) {
    if (options.pmi == PmiChoice::none && leads_to_a_server(name)) {
        return false;
    }
    if (options.env_host == EnvHost::all) {
        return true;
    }
    switch (kind_of(name)) {
        case VariableKind::launcher: return true;
        case VariableKind::host_mpi:
            return (!options.mpi_prefix.empty() && is_below(value, {options.mpi_prefix})) ||
                   (options.mpi == MpiFrom::host &&
                    std::ranges::find(pass_with_hosts_mpi, name) != pass_with_hosts_mpi.end());
        case VariableKind::user: return options.env_host == EnvHost::filtered;
        case VariableKind::host_place: break;
    }
    return options.env_host == EnvHost::filtered && is_below(value, mounted) &&
           std::find(pass_where_mounted.begin(), pass_where_mounted.end(), name) != pass_where_mounted.end();
}

void add_typed(const Options& options, const Environment& environment, RankEnvironment& rank) {
    for (const auto& typed : options.environment) {
        const auto equals = typed.find('=');
        if (equals != std::string::npos) {
            rank.set[typed.substr(0, equals)] = typed.substr(equals + 1);
            continue;
        }
        for (const auto& [name, value] : environment) {
            if (matches(typed, name)) {
                rank.inherited.push_back(name);
            }
        }
    }
}

void remove_unset(const Options& options, RankEnvironment& rank) {
    rank.unset = options.unset;
    const auto dropped = [&](const std::string& name) {
        return rank.set.contains(name) ||
               std::find(rank.unset.begin(), rank.unset.end(), name) != rank.unset.end();
    };
    std::sort(rank.inherited.begin(), rank.inherited.end());
    rank.inherited.erase(std::unique(rank.inherited.begin(), rank.inherited.end()), rank.inherited.end());
    std::erase_if(rank.inherited, dropped);
    std::erase_if(rank.set, [&](const auto& entry) {
        return std::find(rank.unset.begin(), rank.unset.end(), entry.first) != rank.unset.end();
    });
}

}  // namespace

VariableKind kind_of(std::string_view name) { return rule_for(name).kind; }

std::string_view reason_of(std::string_view name) { return rule_for(name).reason; }

bool leads_to_a_server(std::string_view name) {
    return std::any_of(pmi_patterns.begin(), pmi_patterns.end(),
                       [&](std::string_view pattern) { return matches(pattern, name); });
}

bool is_below(const std::string& path, const std::vector<std::string>& directories) {
    return std::any_of(directories.begin(), directories.end(), [&](const std::string& directory) {
        return path == directory || path.starts_with(directory.ends_with('/') ? directory : directory + "/");
    });
}

RankEnvironment rank_environment(const Options& options, Pmi pmi, Bridge bridge,
                                 const Environment& environment,
                                 const std::vector<std::string>& mounted_paths) {
    RankEnvironment rank;
    for (const auto& [name, value] : environment) {
        // A name that ends in '*' would be a pattern to podman, so it cannot be named to it.
        const bool for_others = is_foreign_pmix(pmi, name) || is_spoken_to_the_bridge(bridge, name);
        if (!for_others && !name.ends_with('*') && passes(options, name, value, mounted_paths)) {
            rank.inherited.push_back(name);
        }
    }
    add_typed(options, environment, rank);
    remove_unset(options, rank);
    return rank;
}

Result<void> check_podman_can_carry(const RankEnvironment& rank, const Environment& environment) {
    for (const auto& [name, value] : seen_by_rank(rank, environment)) {
        if (!is_utf8(name) || !is_utf8(value)) {
            return failure(
                Status::ours,
                "the variable " + name + " holds bytes that are not UTF-8; podman would change them",
                "leave it out: mpi-podman --unsetenv " + name);
        }
    }
    return {};
}

Environment seen_by_rank(const RankEnvironment& rank, const Environment& environment) {
    Environment seen;
    for (const auto& name : rank.inherited) {
        if (const auto value = lookup(environment, name)) {
            seen[name] = *value;
        }
    }
    for (const auto& [name, value] : rank.set) {
        seen[name] = value;
    }
    for (const auto& name : rank.unset) {
        seen.erase(name);
    }
    return seen;
}

Environment seen_in_image(const std::vector<std::string>& image, const RankEnvironment& rank,
                          const Environment& environment) {
    Environment all;
    for (const auto& entry : image) {
        const auto equals = std::min(entry.find('='), entry.size());
        all[entry.substr(0, equals)] = entry.substr(std::min(equals + 1, entry.size()));
    }
    for (const auto& [name, value] : seen_by_rank(rank, environment)) {
        all[name] = value;
    }
    for (const auto& name : rank.unset) {
        all.erase(name);
    }
    return all;
}

}  // namespace mpi_podman
