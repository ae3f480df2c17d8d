#include <gtest/gtest.h>

#include "plan/rank_environment.hpp"

namespace mpi_podman {
namespace {

/// A row of the table in rank_environment.cpp, by a name that it matches.
struct Sample {
    const char* name;
    VariableKind kind;
};
void PrintTo(const Sample& sample, std::ostream* out) { *out << sample.name; }

class VariableKinds : public testing::TestWithParam<Sample> {};

TEST_P(VariableKinds, AreThoseOfTheTable) { EXPECT_EQ(kind_of(GetParam().name), GetParam().kind); }

constexpr auto host_mpi = VariableKind::host_mpi;
constexpr Sample of_the_launchers_mpi[] = {
    {"OMPI_MCA_mca_base_component_path", host_mpi},
    {"PMIX_MCA_mca_base_component_path", host_mpi},
    {"PRTE_MCA_mca_base_component_path", host_mpi},
    {"OPAL_PREFIX", host_mpi},
    {"I_MPI_ROOT", host_mpi},
    {"I_MPI_PMI_LIBRARY", host_mpi},
    {"FI_PROVIDER_PATH", host_mpi},
    {"PMIX_PREFIX", host_mpi},
    {"PMIX_INSTALL_PREFIX", host_mpi},
    {"PRTE_PREFIX", host_mpi},
    {"PMIX_PARAM_FILE_PASSED", host_mpi},
    {"OMPI_LIBDIR_LOC", host_mpi},
};

constexpr auto launcher = VariableKind::launcher;
constexpr Sample of_the_launcher[] = {
    {"OMPI_COMM_WORLD_RANK", launcher},
    {"OMPI_MCA_btl", launcher},
    {"PMIX_RANK", launcher},
    {"PMI_RANK", launcher},
    {"PMI_FD", launcher},
    {"PMI2_SPAWNED", launcher},
    {"PRTE_LAUNCHED", launcher},
    {"OPAL_USER_PARAMS_GIVEN", launcher},
    {"ORTE_SCHIZO_DETECTION", launcher},
    {"SLURM_PROCID", launcher},
    {"SLURMD_NODENAME", launcher},
    {"SRUN_DEBUG", launcher},
    {"PALS_RANKID", launcher},
    {"FLUX_JOB_ID", launcher},
    {"HYDRA_LAUNCHER", launcher},
    {"HYDI_CONTROL_FD", launcher},
    {"MPI_LOCALRANKID", launcher},
    {"MPI_LOCALNRANKS", launcher},
    {"MPIR_CVAR_DEBUG", launcher},
    {"MPICH_VERSION_DISPLAY", launcher},
    {"MV2_COMM_WORLD_RANK", launcher},
    {"I_MPI_FABRICS", launcher},
    {"UCX_TLS", launcher},
    {"UCC_TLS", launcher},
    {"FI_PROVIDER", launcher},
    {"PSM2_DEVICES", launcher},
    {"PSM3_NIC", launcher},
    {"HWLOC_XMLFILE", launcher},
    {"IPATH_NO_BACKTRACE", launcher},
    {"HFI_NO_BACKTRACE", launcher},
    {"OMP_NUM_THREADS", launcher},
    {"KMP_AFFINITY", launcher},
    {"GOMP_CPU_AFFINITY", launcher},
    {"CUDA_VISIBLE_DEVICES", launcher},
    {"ROCR_VISIBLE_DEVICES", launcher},
    {"HIP_VISIBLE_DEVICES", launcher},
    {"GPU_DEVICE_ORDINAL", launcher},
    {"GFORTRAN_UNBUFFERED_PRECONNECTED", launcher},
};

constexpr auto host_place = VariableKind::host_place;
constexpr Sample of_the_host[] = {
    {"PATH", host_place},
    {"LD_LIBRARY_PATH", host_place},
    {"LD_PRELOAD", host_place},
    {"DYLD_LIBRARY_PATH", host_place},
    {"LD_AUDIT", host_place},
    {"LIBRARY_PATH", host_place},
    {"CPATH", host_place},
    {"C_INCLUDE_PATH", host_place},
    {"CPLUS_INCLUDE_PATH", host_place},
    {"PKG_CONFIG_PATH", host_place},
    {"CMAKE_PREFIX_PATH", host_place},
    {"ACLOCAL_PATH", host_place},
    {"MANPATH", host_place},
    {"INFOPATH", host_place},
    {"PYTHONHOME", host_place},
    {"PYTHONPATH", host_place},
    {"PYTHONSTARTUP", host_place},
    {"VIRTUAL_ENV", host_place},
    {"CONDA_PREFIX", host_place},
    {"PERL5LIB", host_place},
    {"R_LIBS", host_place},
    {"R_LIBS_USER", host_place},
    {"JAVA_HOME", host_place},
    {"MODULEPATH", host_place},
    {"MODULEPATH_modshare", host_place},
    {"MODULESHOME", host_place},
    {"MODULES_CMD", host_place},
    {"LOADEDMODULES", host_place},
    {"_LMFILES_", host_place},
    {"_LMFILES_001", host_place},
    {"LMOD_CMD", host_place},
    {"__LMOD_REF_COUNT_PATH", host_place},
    {"_ModuleTable001_", host_place},
    {"BASH_ENV", host_place},
    {"ENV", host_place},
    {"BASH_FUNC_ml%%", host_place},
    {"SHELL", host_place},
    {"SHLVL", host_place},
    {"_", host_place},
    {"PWD", host_place},
    {"OLDPWD", host_place},
    {"HOME", host_place},
    {"TMPDIR", host_place},
    {"TMP", host_place},
    {"TEMP", host_place},
    {"HOSTNAME", host_place},
    {"MAIL", host_place},
    {"XDG_RUNTIME_DIR", host_place},
    {"DBUS_SESSION_BUS_ADDRESS", host_place},
    {"SSH_AUTH_SOCK", host_place},
    {"GPG_AGENT_INFO", host_place},
    {"XAUTHORITY", host_place},
    {"SUDO_USER", host_place},
    {"CONTAINERS_CONF", host_place},
    {"CONTAINER_HOST", host_place},
    {"STORAGE_DRIVER", host_place},
    {"REGISTRY_AUTH_FILE", host_place},
    {"container", host_place},
};

constexpr auto user = VariableKind::user;
/// Names beside the rows: alike, but not matched.
constexpr Sample of_the_user[] = {
    {"USER", user},        {"LANG", user},  {"TERM", user},        {"MY_SETTING", user},
    {"path", user},        {"PATHS", user}, {"MYPATH", user},      {"HOMEPAGE", user},
    {"ENVIRONMENT", user}, {"_X", user},    {"OMPI", user},        {"PMI", user},
    {"SLURM", user},       {"OMP", user},   {"MPI_HOME", user},    {"TMPDIRS", user},
    {"MY_OMPI_X", user},   {"XDG", user},   {"CUDA_HOME", user},   {"containers", user},
    {"PMIX", user},        {"", user},      {"LD_BIND_NOW", user},
};

INSTANTIATE_TEST_SUITE_P(HostMpi, VariableKinds, testing::ValuesIn(of_the_launchers_mpi));
INSTANTIATE_TEST_SUITE_P(Launcher, VariableKinds, testing::ValuesIn(of_the_launcher));
INSTANTIATE_TEST_SUITE_P(HostPlace, VariableKinds, testing::ValuesIn(of_the_host));
INSTANTIATE_TEST_SUITE_P(User, VariableKinds, testing::ValuesIn(of_the_user));

TEST(LeadsToAServer, IsWhatAnMpiLibraryWouldTakeForItsLaunchersWord) {
    for (const char* name : {"OMPI_COMM_WORLD_RANK", "PMIX_RANK", "PMI_FD", "PMI2_SPAWNED", "PRTE_LAUNCHED",
                             "ORTE_SCHIZO_DETECTION", "HYDI_CONTROL_FD", "MPI_LOCALRANKID"}) {
        EXPECT_TRUE(leads_to_a_server(name)) << name;
    }
    for (const char* name : {"", "PATH", "SLURM_PROCID", "UCX_TLS", "PMIX", "MY_PMI_FD"}) {
        EXPECT_FALSE(leads_to_a_server(name)) << name;
    }
}

}  // namespace
}  // namespace mpi_podman
