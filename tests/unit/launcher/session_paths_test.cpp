#include "launcher/session_paths.hpp"

#include <gtest/gtest.h>

#include <string>
#include <vector>

#include "fixture.hpp"

namespace mpi_podman {
namespace {

using Paths = std::vector<std::string>;

Paths paths_of(const Environment& environment) {
    const auto paths = session_paths(row_for(environment), environment);
    EXPECT_TRUE(paths.has_value()) << (paths ? "" : paths.error().message);
    return paths.value_or(Paths{});
}

std::string directory_of(const Environment& environment) {
    const auto directory = session_directory(row_for(environment), environment);
    EXPECT_TRUE(directory.has_value()) << (directory ? "" : directory.error().message);
    return directory.value_or("");
}

Environment open_mpi_4_with(const std::string& name, const std::string& value) {
    auto environment = environ_of("open-mpi-4");
    environment[name] = value;
    return environment;
}

TEST(SessionPaths, add_what_lies_outside_the_session_directory) {
    EXPECT_EQ(paths_of(open_mpi_4_with("PMIX_DSTORE_21_BASE_PATH", "/scratch/dstore_21")),
              (Paths{"/scratch/dstore_21", "/tmp/ompi.node1.1000"}));
    EXPECT_EQ(paths_of(open_mpi_4_with("PMIX_SERVER_TMPDIR", "/scratch/server")),
              (Paths{"/scratch/server", "/tmp/ompi.node1.1000"}));
}

TEST(SessionPaths, do_not_take_a_longer_name_for_one_below) {
    EXPECT_EQ(paths_of(open_mpi_4_with("PMIX_SERVER_TMPDIR", "/tmp/ompi.node1.10001")),
              (Paths{"/tmp/ompi.node1.1000", "/tmp/ompi.node1.10001"}));
}

TEST(SessionPaths, are_normal) {
    EXPECT_EQ(paths_of(open_mpi_4_with("PMIX_SERVER_TMPDIR", "//scratch//./job/")),
              (Paths{"/scratch/job", "/tmp/ompi.node1.1000"}));
}

TEST(SessionPaths, never_hold_a_place_of_all_jobs) {
    auto environment = environ_of("open-mpi-4");
    for (const auto* const place : {"/", "/tmp", "/tmp/", "/var/tmp", "/dev/shm", "/home/mpi", "/scratch"}) {
        environment["PMIX_SYSTEM_TMPDIR"] = "/scratch/";
        environment["PMIX_SERVER_TMPDIR"] = place;
        EXPECT_EQ(paths_of(environment), Paths{"/tmp/ompi.node1.1000"}) << place;
    }
    environment["OMPI_MCA_orte_jobfam_session_dir"] = "/tmp";
    EXPECT_EQ(directory_of(environment), "");
}

TEST(SessionPaths, of_slurm_follow_its_pmix_tmpdir_and_uid) {
    auto environment = environ_of("slurm-24.11-pmix");
    environment["SLURM_PMIX_TMPDIR"] = "/scratch/";
    EXPECT_EQ(paths_of(environment), (Paths{"/run/slurmd/pmix.42.0", "/scratch/spmix_appdir_1000_42.0"}));
    environment.erase("SLURM_JOB_UID");
    EXPECT_EQ(paths_of(environment), Paths{"/run/slurmd/pmix.42.0"});
}

TEST(SessionPaths, are_none_where_a_pmi_fd_is_all_a_rank_needs) {
    for (const auto* const name : {"hydra", "slurm-22.05-pmi2", "slurm-22.05-none", "slurm-22.05-batch"}) {
        EXPECT_EQ(paths_of(environ_of(name)), Paths{}) << name;
        EXPECT_EQ(directory_of(environ_of(name)), "") << name;
    }
}

}  // namespace
}  // namespace mpi_podman
