#include <gtest/gtest.h>

#include <string>
#include <vector>

#include "fixture.hpp"
#include "launcher/context.hpp"

namespace mpi_podman {
namespace {

using Names = std::vector<std::string>;

LauncherContext context_of(const Environment& environment) {
    const auto context = launcher_context(environment, every_fd_is_a_socket);
    EXPECT_TRUE(context.has_value()) << (context ? "" : context.error().message);
    return context.value_or(LauncherContext{});
}

/// What a rank of the captured environment lacks once the variables that start with a prefix are gone.
Names missing_without(const std::string& fixture, const std::string& prefix) {
    const auto environment = environ_of(fixture);
    auto rank = environment;
    std::erase_if(rank, [&](const auto& variable) { return variable.first.starts_with(prefix); });
    return missing_for_rank(context_of(environment), rank);
}

TEST(MissingForRank, is_nothing_in_what_launchers_give) {
    for (const auto* const name :
         {"open-mpi-4", "open-mpi-4-node2", "open-mpi-5", "open-mpi-5-node2", "prterun-plain-node2", "hydra",
          "hydra-node2", "hydra-pmi-port", "slurm-22.05-pmix", "slurm-22.05-pmi2", "slurm-24.11-pmix",
          "slurm-24.11-pmi2", "slurm-22.05-batch-open-mpi-4-node2", "slurm-22.05-batch-hydra-node2",
          "slurm-24.11-batch-open-mpi-5-node2", "slurm-22.05-batch", "slurm-22.05-salloc",
          "slurm-22.05-heterogeneous-pmix-node2"}) {
        EXPECT_EQ(missing_without(name, "nothing at all"), Names{}) << name;
    }
}

TEST(MissingForRank, names_each_variable_of_open_mpi_4) {
    EXPECT_EQ(missing_without("open-mpi-4", "PMIX_NAMESPACE"), Names{"PMIX_NAMESPACE"});
    EXPECT_EQ(missing_without("open-mpi-4", "PMIX_RANK"), Names{"PMIX_RANK"});
    EXPECT_EQ(missing_without("open-mpi-4", "PMIX_SERVER_URI"), Names{"PMIX_SERVER_URI*"});
    EXPECT_EQ(missing_without("open-mpi-4", "PMIX_SERVER_URI2"), Names{});
    EXPECT_EQ(missing_without("open-mpi-4", "OMPI_MCA_orte_hnp_uri"), Names{"OMPI_MCA_orte_hnp_uri"});
    EXPECT_EQ(missing_without("open-mpi-4", "OMPI_"),
              (Names{"OMPI_MCA_orte_hnp_uri", "OMPI_MCA_orte_local_daemon_uri"}));
    EXPECT_EQ(missing_without("open-mpi-4", "").size(), 5U);
}

TEST(MissingForRank, lets_open_mpi_4_go_straight_to_pmix) {
    const auto context = context_of(environ_of("open-mpi-4"));
    Environment rank{{"PMIX_NAMESPACE", "1"},
                     {"PMIX_RANK", "1"},
                     {"PMIX_SERVER_URI2", "1.0;tcp4://127.0.0.1:1"},
                     {"OMPI_MCA_ess", "pmi"},
                     {"OMPI_MCA_schizo", "^orte"}};
    EXPECT_EQ(missing_for_rank(context, rank), Names{});
    rank["OMPI_MCA_ess"] = "^singleton";
    EXPECT_EQ(missing_for_rank(context, rank),
              (Names{"OMPI_MCA_orte_hnp_uri", "OMPI_MCA_orte_local_daemon_uri"}));
}

TEST(MissingForRank, takes_an_empty_value_for_none) {
    auto environment = environ_of("open-mpi-5");
    const auto context = context_of(environment);
    environment["PMIX_NAMESPACE"] = "";
    EXPECT_EQ(missing_for_rank(context, environment), Names{"PMIX_NAMESPACE"});
}

TEST(MissingForRank, names_each_variable_of_prrte) {
    EXPECT_EQ(missing_without("open-mpi-5", "PMIX_"),
              (Names{"PMIX_NAMESPACE", "PMIX_RANK", "PMIX_SERVER_URI*"}));
    EXPECT_EQ(missing_without("open-mpi-5", "OMPI_"), Names{});
    EXPECT_EQ(missing_without("prterun-plain-node2", "PMIX_RANK"), Names{"PMIX_RANK"});
}

TEST(MissingForRank, names_each_variable_of_hydra) {
    EXPECT_EQ(missing_without("hydra", "PMI_FD"), Names{"PMI_FD or PMI_PORT"});
    EXPECT_EQ(missing_without("hydra", "PMI_RANK"), Names{"PMI_RANK"});
    EXPECT_EQ(missing_without("hydra", "PMI_SIZE"), Names{"PMI_SIZE"});
    EXPECT_EQ(missing_without("hydra", "MPI_LOCAL"), Names{});
    EXPECT_EQ(missing_without("hydra-pmi-port", "PMI_ID"), (Names{"PMI_RANK", "PMI_SIZE"}));
    EXPECT_EQ(missing_without("hydra-pmi-port", "PMI_").size(), 3U);
}

TEST(MissingForRank, names_each_variable_of_slurm) {
    EXPECT_EQ(missing_without("slurm-22.05-pmix", "PMIX_"),
              (Names{"PMIX_NAMESPACE", "PMIX_RANK", "PMIX_SERVER_URI*"}));
    EXPECT_EQ(missing_without("slurm-22.05-pmix", "SLURM_"), (Names{"SLURM_NODELIST", "SLURM_STEP_ID"}));
    EXPECT_EQ(missing_without("slurm-22.05-pmi2", "PMI_"), (Names{"PMI_FD", "PMI_RANK", "PMI_SIZE"}));
    EXPECT_EQ(missing_without("slurm-22.05-pmi2", "SLURM_"), Names{});
}

TEST(MissingForRank, is_a_pmi_for_srun_without_one) {
    EXPECT_EQ(missing_without("slurm-22.05-none", "none"), Names{"PMI_FD or PMIX_NAMESPACE"});
    EXPECT_EQ(missing_without("slurm-24.11-none", "none"), Names{"PMI_FD or PMIX_NAMESPACE"});
}

TEST(MissingForRank, is_not_fooled_by_the_pmix_of_an_outer_step) {
    const auto environment = environ_of("slurm-22.05-srun-none-in-pmix-step");
    auto context = context_of(environment);
    EXPECT_EQ(missing_for_rank(context, environment), Names{});
    context.size = 4;
    EXPECT_EQ(missing_for_rank(context, environment), Names{"PMI_FD or PMIX_NAMESPACE"});
}

TEST(MissingForRank, is_nothing_for_one_rank_and_for_no_launcher) {
    auto context = context_of(environ_of("open-mpi-4"));
    context.size = 1;
    EXPECT_EQ(missing_for_rank(context, {}), Names{});
    EXPECT_EQ(missing_for_rank(LauncherContext{}, {}), Names{});
}

TEST(MissingForRank, asks_where_the_size_is_unknown) {
    auto context = context_of(environ_of("hydra-pmi-port"));
    ASSERT_EQ(context.size, std::nullopt);
    EXPECT_EQ(missing_for_rank(context, {}).size(), 3U);
}

}  // namespace
}  // namespace mpi_podman
