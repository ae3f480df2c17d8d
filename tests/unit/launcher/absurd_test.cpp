/// Absurd values: each is refused with a message that names the variable.
#include <gtest/gtest.h>

#include <string>
#include <tuple>

#include "fixture.hpp"
#include "launcher/context.hpp"

namespace mpi_podman {
namespace {

struct Absurdity {
    std::string fixture, variable, value;
    std::string also;  ///< what else the message names
};

void PrintTo(const Absurdity& absurdity, std::ostream* out) {
    *out << absurdity.fixture << " with " << absurdity.variable << "=" << absurdity.value.substr(0, 40);
}

class AbsurdValue : public testing::TestWithParam<Absurdity> {};

TEST_P(AbsurdValue, is_refused_by_name) {
    const auto& [fixture, variable, value, also] = GetParam();
    auto environment = environ_of(fixture);
    environment[variable] = value;
    const auto context = launcher_context(environment, every_fd_is_a_socket);
    ASSERT_FALSE(context.has_value());
    const auto& error = context.error();
    EXPECT_EQ(error.status, Status::ours);
    EXPECT_NE(error.message.find(variable), std::string::npos) << error.message;
    EXPECT_NE(error.message.find(also), std::string::npos) << error.message;
    EXPECT_EQ(error.message.find('\n'), std::string::npos) << error.message;
    EXPECT_LT(error.message.size(), 250U) << error.message;
    EXPECT_FALSE(error.hint.empty());
}

INSTANTIATE_TEST_SUITE_P(
    Number, AbsurdValue,
    testing::Values(Absurdity{"open-mpi-4", "OMPI_COMM_WORLD_RANK", "", "no number"},
                    Absurdity{"open-mpi-4", "OMPI_COMM_WORLD_RANK", "one", "no number"},
                    Absurdity{"open-mpi-4", "OMPI_COMM_WORLD_RANK", "-1", "no number"},
                    Absurdity{"open-mpi-4", "OMPI_COMM_WORLD_RANK", "+1", "no number"},
                    Absurdity{"open-mpi-4", "OMPI_COMM_WORLD_RANK", " 1", "no number"},
                    Absurdity{"open-mpi-4", "OMPI_COMM_WORLD_RANK", "1 ", "no number"},
                    Absurdity{"open-mpi-4", "OMPI_COMM_WORLD_RANK", "0x1", "no number"},
                    Absurdity{"open-mpi-4", "OMPI_COMM_WORLD_RANK", "1\n", "?"},
                    Absurdity{"open-mpi-4", "OMPI_COMM_WORLD_SIZE", "4294967296", "no number"},
                    Absurdity{"open-mpi-4", "OMPI_COMM_WORLD_SIZE", "2147483648", "0 to 2147483647"},
                    Absurdity{"open-mpi-4", "OMPI_COMM_WORLD_SIZE", "99999999999999999999999", "no number"},
                    Absurdity{"open-mpi-4", "OMPI_COMM_WORLD_SIZE", std::string(100000, '9'), "..."},
                    Absurdity{"open-mpi-4", "OMPI_COMM_WORLD_SIZE", "\xff\xfe", "'\?\?'"},
                    Absurdity{"open-mpi-4", "OMPI_COMM_WORLD_LOCAL_RANK", "x", "no number"},
                    Absurdity{"open-mpi-4", "OMPI_COMM_WORLD_LOCAL_SIZE", "2,", "no number"},
                    Absurdity{"open-mpi-4", "PMIX_RANK", "4294967294", "no number"},  // PMIX_RANK_WILDCARD
                    Absurdity{"open-mpi-5", "PMIX_RANK", "4294967295", "no number"},  // PMIX_RANK_UNDEF
                    Absurdity{"hydra", "PMI_SIZE", "many", "no number"},
                    Absurdity{"hydra", "MPI_LOCALRANKID", "1.0", "no number"},
                    Absurdity{"hydra", "MPI_LOCALRANKID", "3551246340", "no number"},
                    Absurdity{"hydra", "MPI_LOCALNRANKS", "", "no number"},
                    Absurdity{"hydra-pmi-port", "PMI_ID", "id", "no number"},
                    Absurdity{"slurm-22.05-none", "SLURM_PROCID", "a", "no number"},
                    Absurdity{"slurm-22.05-none", "SLURM_STEP_NUM_TASKS", "4(x2)", "no number"},
                    Absurdity{"slurm-22.05-none", "SLURM_GTIDS", "", "list"},
                    Absurdity{"slurm-22.05-none", "SLURM_GTIDS", "0,", "list"},
                    Absurdity{"slurm-22.05-none", "SLURM_GTIDS", "0,,1", "list"},
                    Absurdity{"slurm-22.05-none", "SLURM_GTIDS", "0-1", "list"},
                    Absurdity{"slurm-22.05-none", "SLURM_JOB_ID", "42/../1", "no number"},
                    Absurdity{"slurm-22.05-none", "SLURM_STEP_ID", "x", "no number"},
                    Absurdity{"slurm-22.05-pmix", "SLURM_JOB_UID", "mpi", "no number"}));

INSTANTIATE_TEST_SUITE_P(
    Bound, AbsurdValue,
    testing::Values(Absurdity{"open-mpi-4", "OMPI_COMM_WORLD_SIZE", "1", "OMPI_COMM_WORLD_LOCAL_SIZE"},
                    Absurdity{"open-mpi-4", "OMPI_COMM_WORLD_SIZE", "0", "OMPI_COMM_WORLD_LOCAL_SIZE"},
                    Absurdity{"open-mpi-4-node2", "OMPI_COMM_WORLD_SIZE", "3", "OMPI_COMM_WORLD_RANK='3'"},
                    Absurdity{"open-mpi-4", "OMPI_COMM_WORLD_LOCAL_RANK", "2", "OMPI_COMM_WORLD_LOCAL_SIZE"},
                    Absurdity{"open-mpi-4", "OMPI_COMM_WORLD_LOCAL_SIZE", "0", "OMPI_COMM_WORLD_LOCAL_RANK"},
                    Absurdity{"open-mpi-4", "OMPI_COMM_WORLD_LOCAL_SIZE", "5", "OMPI_COMM_WORLD_SIZE"},
                    Absurdity{"hydra", "PMI_RANK", "4", "PMI_SIZE"},
                    Absurdity{"hydra", "MPI_LOCALRANKID", "2", "MPI_LOCALNRANKS"},
                    Absurdity{"slurm-22.05-none", "SLURM_PROCID", "4", "SLURM_STEP_NUM_TASKS"},
                    Absurdity{"slurm-22.05-none", "SLURM_LOCALID", "2", "the 2 of SLURM_GTIDS"},
                    Absurdity{"slurm-22.05-none", "SLURM_GTIDS", "0,1,2,3,4", "SLURM_STEP_NUM_TASKS"}));

INSTANTIATE_TEST_SUITE_P(Contradiction, AbsurdValue,
                         testing::Values(Absurdity{"open-mpi-4", "PMIX_RANK", "0", "OMPI_COMM_WORLD_RANK=1"},
                                         Absurdity{"open-mpi-5", "OMPI_COMM_WORLD_RANK", "2", "PMIX_RANK"},
                                         Absurdity{"hydra", "PMI_ID", "2", "PMI_RANK=1"},
                                         Absurdity{"slurm-22.05-pmix", "PMIX_RANK", "2", "SLURM_PROCID=1"},
                                         Absurdity{"slurm-22.05-pmi2", "PMI_RANK", "2", "SLURM_PROCID=1"},
                                         Absurdity{"slurm-22.05-pmi2", "PMI_SIZE", "8",
                                                   "SLURM_STEP_NUM_TASKS=4"}));

INSTANTIATE_TEST_SUITE_P(
    Path, AbsurdValue,
    testing::Values(Absurdity{"open-mpi-4", "OMPI_MCA_orte_jobfam_session_dir", "tmp/ompi", "absolute"},
                    Absurdity{"open-mpi-4", "OMPI_MCA_orte_jobfam_session_dir", "", "absolute"},
                    Absurdity{"open-mpi-4", "OMPI_MCA_orte_jobfam_session_dir", "/tmp/../etc", "\"..\""},
                    Absurdity{"open-mpi-4", "PMIX_SERVER_TMPDIR", ".", "absolute"},
                    Absurdity{"open-mpi-4", "PMIX_DSTORE_21_BASE_PATH", "x", "absolute"},
                    Absurdity{"open-mpi-4", "PMIX_DSTORE_ESH_BASE_PATH", "/tmp/x/..", "\"..\""},
                    Absurdity{"open-mpi-5", "PMIX_SERVER_TMPDIR", "~/x", "absolute"},
                    Absurdity{"slurm-22.05-pmix", "PMIX_SERVER_TMPDIR", "spool", "absolute"},
                    Absurdity{"slurm-24.11-pmix", "SLURM_PMIX_TMPDIR", "scratch", "absolute"}));

INSTANTIATE_TEST_SUITE_P(Server, AbsurdValue,
                         testing::Values(Absurdity{"open-mpi-4", "PMIX_NAMESPACE", "", "empty"},
                                         Absurdity{"open-mpi-5", "PMIX_NAMESPACE", std::string(256, 'n'),
                                                   "255"},
                                         Absurdity{"hydra", "PMI_FD", "", "no file descriptor"},
                                         Absurdity{"hydra", "PMI_FD", "-1", "no file descriptor"},
                                         Absurdity{"hydra", "PMI_FD", "8x", "no file descriptor"},
                                         Absurdity{"hydra", "PMI_FD", "2147483648", "no file descriptor"},
                                         Absurdity{"slurm-22.05-pmi2", "PMI_FD", "six", "no file descriptor"},
                                         Absurdity{"hydra-pmi-port", "PMI_PORT", "", "HOST:PORT"},
                                         Absurdity{"hydra-pmi-port", "PMI_PORT", "node1", "HOST:PORT"},
                                         Absurdity{"hydra-pmi-port", "PMI_PORT", "node1:", "HOST:PORT"},
                                         Absurdity{"hydra-pmi-port", "PMI_PORT", ":4000", "HOST:PORT"},
                                         Absurdity{"hydra-pmi-port", "PMI_PORT", "node1:0", "HOST:PORT"},
                                         Absurdity{"hydra-pmi-port", "PMI_PORT", "node1:65536", "HOST:PORT"},
                                         Absurdity{"hydra-pmi-port", "PMI_PORT", "node1:http", "HOST:PORT"}));

TEST(AbsurdName, shows_no_byte_that_is_not_printable) {
    auto environment = environ_of("open-mpi-4");
    environment["PMIX_DSTORE_\x90\n_BASE_PATH"] = "tmp";
    const auto context = launcher_context(environment, every_fd_is_a_socket);
    ASSERT_FALSE(context);
    EXPECT_EQ(context.error().message.find("PMIX_DSTORE_\?\?_BASE_PATH='tmp'"), 0U)
        << context.error().message;
}

TEST(PmiFd, that_is_no_open_socket_is_refused_by_name) {
    int asked = -1;
    const auto closed = [&](int fd) {
        asked = fd;
        return false;
    };
    for (const auto* const fixture : {"hydra", "slurm-22.05-pmi2"}) {
        const auto context = launcher_context(environ_of(fixture), closed);
        ASSERT_FALSE(context.has_value()) << fixture;
        EXPECT_NE(context.error().message.find("PMI_FD="), std::string::npos) << context.error().message;
        EXPECT_EQ(std::to_string(asked), environ_of(fixture).at("PMI_FD"));
    }
}

TEST(PmiFd, of_an_outer_step_is_not_asked_about) {
    const auto closed = [](int) { return false; };
    EXPECT_TRUE(launcher_context(environ_of("slurm-22.05-srun-none-in-pmi2-step"), closed).has_value());
}

TEST(LongestNamespace, is_accepted) {
    auto environment = environ_of("open-mpi-5");
    environment["PMIX_NAMESPACE"] = std::string(255, 'n');
    EXPECT_TRUE(launcher_context(environment, every_fd_is_a_socket).has_value());
}

}  // namespace
}  // namespace mpi_podman
