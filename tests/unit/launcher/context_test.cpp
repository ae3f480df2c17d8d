#include "launcher/context.hpp"

#include <gtest/gtest.h>

#include <map>
#include <optional>
#include <set>
#include <sstream>
#include <stdexcept>
#include <string>
#include <vector>

#include "fixture.hpp"

namespace mpi_podman {
namespace {

using Paths = std::vector<std::string>;

/// The four numbers of rank 1 and of rank 3 where four ranks run on two nodes.
LauncherContext rank_1_of_4(Launcher launcher, Pmi pmi, const std::string& job) {
    return {launcher, pmi, job, 1, 4, 1, 2, {}, {}, {}};
}

LauncherContext rank_3_of_4(Launcher launcher, Pmi pmi, const std::string& job) {
    return {launcher, pmi, job, 3, 4, 1, 2, {}, {}, {}};
}

LauncherContext only_rank(Launcher launcher, Pmi pmi, const std::string& job) {
    return {launcher, pmi, job, 0, 1, 0, 1, {}, {}, {}};
}

LauncherContext with_fd(LauncherContext context, int fd) {
    context.endpoint.fd = fd;
    return context;
}

LauncherContext with_session(LauncherContext context, const std::string& directory) {
    context.session_paths = {directory};
    context.session_directory = directory;
    return context;
}

/// Of ORTE's the one above is seen, which has those of all the user's jobs.
LauncherContext with_orte_session(LauncherContext context, const std::string& directory) {
    context = with_session(std::move(context), directory);
    context.session_paths = {directory.substr(0, directory.rfind('/'))};
    return context;
}

LauncherContext with_slurm_pmix(LauncherContext context) {
    context.session_paths = {"/run/slurmd/pmix.42.0", "/tmp/spmix_appdir_1000_42.0"};
    context.session_directory = "/run/slurmd/pmix.42.0";
    return context;
}

/// What each captured environment means. Every file of tests/fixtures/environ is here.
std::map<std::string, LauncherContext> expected() {
    constexpr auto ompi4 = Launcher::open_mpi_4;
    constexpr auto prrte = Launcher::prrte;
    constexpr auto hydra = Launcher::hydra;
    constexpr auto slurm = Launcher::slurm;
    const LauncherContext nobody;
    auto hydra_port_1 = rank_1_of_4(hydra, Pmi::pmi1, "hydra-40001");
    hydra_port_1.size = std::nullopt;
    hydra_port_1.endpoint.port = "node1:40001";
    auto hydra_port_3 = rank_3_of_4(hydra, Pmi::pmi1, "hydra-40001");
    hydra_port_3.size = std::nullopt;
    hydra_port_3.endpoint.port = "node2:40001";
    LauncherContext plain;
    plain.launcher = prrte;
    plain.pmi = Pmi::pmix;
    plain.rank = 3;
    auto in_prterun = plain;
    in_prterun.job = "prterun-node1-4201@1";
    auto in_prun = plain;
    in_prun.job = "prte-node1-4201@2";
    const LauncherContext hydra_in_step{hydra, Pmi::pmi1, "", 0, 2, 0, 2, {6, ""}, {}, {}};
    const LauncherContext hydra_in_pmi2_step{hydra, Pmi::pmi1, "", 1, 2, 1, 2, {8, ""}, {}, {}};
    return {
        {"open-mpi-4",
         with_orte_session(rank_1_of_4(ompi4, Pmi::pmix, "1271791617"), "/tmp/ompi.node1.1000/pid.4200")},
        {"open-mpi-4-node2",
         with_orte_session(rank_3_of_4(ompi4, Pmi::pmix, "1271791617"), "/tmp/ompi.node2.1000/jf.19406")},
        {"open-mpi-5",
         with_session(rank_1_of_4(prrte, Pmi::pmix, "prterun-node1-4200@1"), "/tmp/prterun.node1.4200.1000")},
        {"open-mpi-5-node2",
         with_session(rank_3_of_4(prrte, Pmi::pmix, "prterun-node1-4201@1"), "/tmp/prted.node2.4200.1000")},
        {"prterun-plain-node2", with_session(in_prterun, "/tmp/prted.node2.4200.1000")},
        {"prun-dvm-node2", with_session(in_prun, "/tmp/prted.node2.4200.1000")},
        {"hydra", with_fd(rank_1_of_4(hydra, Pmi::pmi1, ""), 8)},
        {"hydra-node2", with_fd(rank_3_of_4(hydra, Pmi::pmi1, ""), 6)},
        {"hydra-pmi-port", hydra_port_1},
        {"hydra-pmi-port-node2", hydra_port_3},
        {"slurm-22.05-pmix", with_slurm_pmix(rank_1_of_4(slurm, Pmi::pmix, "slurm-42.0"))},
        {"slurm-22.05-pmix-node2", with_slurm_pmix(rank_3_of_4(slurm, Pmi::pmix, "slurm-42.0"))},
        {"slurm-22.05-pmi2", with_fd(rank_1_of_4(slurm, Pmi::pmi2, "slurm-42.0"), 13)},
        {"slurm-22.05-pmi2-node2", with_fd(rank_3_of_4(slurm, Pmi::pmi2, "slurm-42.0"), 13)},
        {"slurm-22.05-none", rank_1_of_4(slurm, Pmi::none, "slurm-42.0")},
        {"slurm-22.05-batch", nobody},
        {"slurm-22.05-salloc", nobody},
        {"slurm-22.05-salloc-interactive", nobody},
        {"slurm-22.05-batch-srun-pmix-node2", with_slurm_pmix(rank_3_of_4(slurm, Pmi::pmix, "slurm-42.0"))},
        {"slurm-22.05-batch-open-mpi-4",
         with_orte_session(rank_1_of_4(ompi4, Pmi::pmix, "1231159297"), "/tmp/ompi.node1.1000/pid.4200")},
        // Slurm says rank 0 of 1: that is orted, started by srun.
        {"slurm-22.05-batch-open-mpi-4-node2",
         with_orte_session(rank_3_of_4(ompi4, Pmi::pmix, "1231159297"), "/tmp/ompi.node2.1000/jf.18786")},
        // Slurm says rank 1 of 2: that is Hydra's proxy.
        {"slurm-22.05-batch-hydra-node2", with_fd(rank_3_of_4(hydra, Pmi::pmi1, ""), 6)},
        // PMIX_* and PMI_* of the outer step.
        {"slurm-22.05-srun-none-in-pmix-step", only_rank(slurm, Pmi::none, "slurm-42.1")},
        {"slurm-22.05-srun-none-in-pmi2-step", only_rank(slurm, Pmi::none, "slurm-42.1")},
        {"slurm-22.05-hydra-in-pmi2-step", hydra_in_pmi2_step},
        {"slurm-22.05-hydra-in-pmix-step", hydra_in_step},
        // Nothing tells this batch script from a step without PMI; its size of 1 makes the two alike.
        {"slurm-22.05-sbatch-in-pmix-step", only_rank(slurm, Pmi::none, "slurm-42.0")},
        {"slurm-22.05-heterogeneous-pmix-node2",
         with_slurm_pmix({slurm, Pmi::pmix, "slurm-42.0", 1, 2, 0, 1, {}, {}, {}})},
        {"slurm-24.11-pmix", with_slurm_pmix(rank_1_of_4(slurm, Pmi::pmix, "slurm-42.0"))},
        {"slurm-24.11-pmix-node2", with_slurm_pmix(rank_3_of_4(slurm, Pmi::pmix, "slurm-42.0"))},
        {"slurm-24.11-pmi2", with_fd(rank_1_of_4(slurm, Pmi::pmi2, "slurm-42.0"), 19)},
        {"slurm-24.11-none", rank_1_of_4(slurm, Pmi::none, "slurm-42.0")},
        {"slurm-24.11-batch", nobody},
        {"slurm-24.11-batch-open-mpi-5-node2",
         with_session(rank_3_of_4(prrte, Pmi::pmix, "prterun-node1-4201@1"), "/tmp/prted.node2.4200.1000")},
        {"slurm-24.11-batch-hydra-node2", with_fd(rank_3_of_4(hydra, Pmi::pmi1, ""), 6)},
    };
}

template <typename T>
std::string text_of(const std::optional<T>& number) {
    return number ? std::to_string(*number) : "-";
}

/// Every field, for comparisons that show what differs.
std::string text_of(const LauncherContext& context) {
    std::ostringstream text;
    text << name_of(context.launcher) << ", " << name_of(context.pmi) << ", job " << context.job << ", rank "
         << text_of(context.rank) << " of " << text_of(context.size) << ", local "
         << text_of(context.local_rank) << " of " << text_of(context.local_size) << ", fd "
         << text_of(context.endpoint.fd) << ", port " << context.endpoint.port << ", directory "
         << context.session_directory << ", paths";
    for (const auto& path : context.session_paths) {
        text << " " << path;
    }
    return text.str();
}

TEST(LauncherContext, of_every_captured_environment) {
    for (const auto& [name, want] : expected()) {
        const auto context = launcher_context(environ_of(name), every_fd_is_a_socket);
        ASSERT_TRUE(context.has_value()) << name << ": " << context.error().message;
        EXPECT_EQ(text_of(*context), text_of(want)) << name;
        EXPECT_TRUE(*context == want) << name;
    }
}

TEST(LauncherContext, is_expected_for_every_captured_environment) {
    std::set<std::string> captured;
    for (const auto& file : std::filesystem::directory_iterator(environ_directory())) {
        captured.insert(file.path().stem().string());
    }
    std::set<std::string> wanted;
    for (const auto& [name, context] : expected()) {
        wanted.insert(name);
    }
    EXPECT_EQ(captured, wanted);
}

TEST(LauncherContext, of_no_launcher_is_empty_and_asks_for_no_fd) {
    const auto asked = [](int) -> bool { throw std::logic_error("no fd to ask about"); };
    const auto context = launcher_context({{"HOME", "/home/mpi"}, {"LANG", "C.UTF-8"}}, asked);
    ASSERT_TRUE(context.has_value());
    EXPECT_TRUE(*context == LauncherContext{});
}

TEST(LauncherContext, tells_an_open_mpi_4_rank_without_its_orte_variables) {
    auto environment = environ_of("open-mpi-4");
    std::erase_if(environment, [](const auto& variable) { return variable.first.starts_with("OMPI_MCA_"); });
    const auto context = launcher_context(environment, every_fd_is_a_socket);
    ASSERT_TRUE(context.has_value());
    EXPECT_EQ(context->launcher, Launcher::open_mpi_4);
    EXPECT_EQ(context->session_paths, Paths{"/tmp/ompi.node1.1000/pid.4200"});
    EXPECT_EQ(context->session_directory, "");
}

TEST(LauncherContext, of_launchers_that_do_not_say_who_they_are) {
    const auto pmi = launcher_context({{"PMI_ID", "1"}, {"PMI_PORT", "node1:5000"}}, every_fd_is_a_socket);
    ASSERT_TRUE(pmi.has_value());
    EXPECT_EQ(pmi->launcher, Launcher::hydra);
    EXPECT_EQ(pmi->rank, 1U);
    EXPECT_EQ(pmi->local_size, std::nullopt);

    const auto pmix =
        launcher_context({{"PMIX_NAMESPACE", "flux.1"}, {"PMIX_RANK", "2"}, {"PMIX_SERVER_TMPDIR", "/tmp"}},
                         every_fd_is_a_socket);
    ASSERT_TRUE(pmix.has_value());
    EXPECT_EQ(pmix->launcher, Launcher::prrte);
    EXPECT_EQ(pmix->job, "flux.1");
    EXPECT_EQ(pmix->rank, 2U);
    EXPECT_EQ(pmix->session_paths, Paths{});
}

TEST(LauncherContext, takes_the_older_names_of_slurm) {
    auto environment = environ_of("slurm-22.05-none");
    environment.erase("SLURM_JOB_ID");
    environment.erase("SLURM_STEP_ID");
    const auto context = launcher_context(environment, every_fd_is_a_socket);
    ASSERT_TRUE(context.has_value());
    EXPECT_TRUE(*context == rank_1_of_4(Launcher::slurm, Pmi::none, "slurm-42.0"));
}

TEST(LauncherContext, takes_a_spawned_pmi2_step_for_its_own) {
    auto environment = environ_of("slurm-22.05-pmi2");
    environment["PMI_JOBID"] = "42.0-1";
    const auto context = launcher_context(environment, every_fd_is_a_socket);
    ASSERT_TRUE(context.has_value());
    EXPECT_EQ(context->pmi, Pmi::pmi2);
}

TEST(NameOf, is_what_users_say) {
    EXPECT_EQ(name_of(Launcher::none), "no launcher");
    EXPECT_EQ(name_of(Launcher::open_mpi_4), "mpirun (Open MPI 4)");
    EXPECT_EQ(name_of(Launcher::prrte), "mpirun (Open MPI 5)");
    EXPECT_EQ(name_of(Launcher::hydra), "mpiexec (Hydra)");
    EXPECT_EQ(name_of(Launcher::slurm), "srun");
    EXPECT_EQ(name_of(Pmi::none), "no PMI");
    EXPECT_EQ(name_of(Pmi::pmi1), "PMI-1");
    EXPECT_EQ(name_of(Pmi::pmi2), "PMI-2");
    EXPECT_EQ(name_of(Pmi::pmix), "PMIx");
}

}  // namespace
}  // namespace mpi_podman
