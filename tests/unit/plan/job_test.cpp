// What makes N ranks one job: the transports, the PMI fd, and refusing what would silently be N jobs.
#include "unit/plan/decided.hpp"

namespace mpi_podman {
namespace {

using Words = std::vector<std::string>;
using Map = std::map<std::string, std::string>;

class Transports : public test::Decide {
protected:
    /// What was set beside PWD.
    [[nodiscard]] Map chosen() const {
        auto set = plan().environment.set;
        set.erase("PWD");
        return set;
    }
};

const Map without_cma{{"OMPI_MCA_btl_vader_single_copy_mechanism", "none"},
                      {"OMPI_MCA_smsc", "^cma"},
                      {"UCX_POSIX_USE_PROC_LINK", "n"}};

TEST_F(Transports, AvoidCmaBetweenUserNamespacesOfOneNode) { EXPECT_EQ(chosen(), without_cma); }

TEST_F(Transports, AreLeftAloneWithOneRankOnTheNode) {
    context.local_rank = 0;
    context.local_size = 1;
    EXPECT_EQ(chosen(), Map{});
    without_launcher();
    EXPECT_EQ(chosen(), Map{});
}

TEST_F(Transports, AvoidCmaWhereOnlyTheJobsSizeIsKnown) {
    context.local_size = std::nullopt;
    EXPECT_EQ(chosen(), without_cma);
    context.size = 1;
    context.rank = 0;
    EXPECT_EQ(chosen(), Map{});
}

TEST_F(Transports, AvoidCmaWhereALauncherToldNoSize) {
    context.launcher = Launcher::prrte;
    context.size = std::nullopt;
    context.local_size = std::nullopt;
    EXPECT_EQ(chosen(), without_cma) << "there may be several on this node";
}

TEST_F(Transports, AreLeftAloneForRootWhoseRanksShareTheHostsUserNamespace) {
    as_root();
    EXPECT_EQ(chosen(), Map{});
}

TEST_F(Transports, AreTheUsersWhereSet) {
    environment["OMPI_MCA_smsc"] = "xpmem";
    options.environment = {"UCX_POSIX_USE_PROC_LINK=y"};
    EXPECT_EQ(chosen(),
              (Map{{"OMPI_MCA_btl_vader_single_copy_mechanism", "none"}, {"UCX_POSIX_USE_PROC_LINK", "y"}}));
}

TEST_F(Transports, AreTheUsersWhereUnset) {
    // podman's --env wins over its --unsetenv, so what the user unsets must not be set.
    options.unset = {"OMPI_MCA_smsc", "PWD"};
    EXPECT_EQ(plan().environment.set,
              (Map{{"OMPI_MCA_btl_vader_single_copy_mechanism", "none"}, {"UCX_POSIX_USE_PROC_LINK", "n"}}));
}

TEST_F(Transports, AvoidCmaUnderEveryChoiceOfVariables) {
    for (const auto which : {EnvHost::all, EnvHost::launcher}) {
        options.env_host = which;
        EXPECT_EQ(chosen(), without_cma);
    }
}

TEST_F(Transports, AreLeftAloneForProgramsOfTheirOwn) {
    options.pmi = PmiChoice::none;
    EXPECT_EQ(chosen(), Map{});
}

class PmiFd : public test::Decide {
protected:
    PmiFd() { under_hydra(); }
};

TEST_F(PmiFd, BecomesTheThirdOfPodmanAndTheRank) {
    const auto decided = plan();
    EXPECT_EQ(decided.pmi_fd, 8);
    EXPECT_EQ(decided.environment.set.at("PMI_FD"), "3");
    EXPECT_EQ(decided.environment.inherited, (Words{"HOME", "PMI_RANK", "PMI_SIZE", "USER"}));
}

TEST_F(PmiFd, BecomesTheThirdUnderEveryChoiceOfVariables) {
    for (const auto which : {EnvHost::all, EnvHost::launcher}) {
        options.env_host = which;
        EXPECT_EQ(plan().pmi_fd, 8);
        EXPECT_EQ(plan().environment.set["PMI_FD"], "3");
    }
}

TEST_F(PmiFd, IsNotHandedOnWhereThereIsNone) {
    context.endpoint = {std::nullopt, "node1:4000"};
    environment.erase("PMI_FD");
    environment["PMI_PORT"] = "node1:4000";
    EXPECT_EQ(plan().pmi_fd, std::nullopt);
    EXPECT_FALSE(plan().environment.set.contains("PMI_FD"));
}

TEST_F(PmiFd, IsNotHandedOnToProgramsOfTheirOwn) {
    options.pmi = PmiChoice::none;
    EXPECT_EQ(plan().pmi_fd, std::nullopt);
    EXPECT_FALSE(plan().environment.set.contains("PMI_FD"));
    EXPECT_EQ(plan().environment.inherited, (Words{"HOME", "USER"}));
}

class Refusal : public test::Decide {
protected:
    void expect_refused(const std::string& message) const {
        const auto refused = result();
        ASSERT_FALSE(refused);
        EXPECT_EQ(refused.error().status, Status::ours);
        EXPECT_EQ(refused.error().message, message);
        EXPECT_NE(refused.error().hint.find("--pmi=none"), std::string::npos) << refused.error().hint;
    }
};

TEST_F(Refusal, OfARankThatCannotFindItsJob) {
    environment.erase("PMIX_SERVER_URI2");
    options.unset = {"PMIX_RANK"};
    expect_refused(
        "mpirun (Open MPI 4) started 4 ranks, but its ranks would run as separate jobs of one rank each: "
        "PMIX_RANK, PMIX_SERVER_URI* missing from the rank's environment");
}

TEST_F(Refusal, OfSrunWithoutPmi) {
    context = {};
    context.launcher = Launcher::slurm;
    context.size = 4;
    environment = {{"SLURM_PROCID", "1"}};
    const auto refused = result();
    ASSERT_FALSE(refused);
    EXPECT_EQ(refused.error().hint,
              "start it with srun --mpi=pmix (or pmi2); for programs without MPI: mpi-podman --pmi=none");
    options.pmi = PmiChoice::none;
    EXPECT_TRUE(result());
}

TEST_F(Refusal, NotWhereTheUserGivesWhatIsMissing) {
    environment.erase("PMIX_RANK");
    options.environment = {"PMIX_RANK=1"};
    EXPECT_TRUE(result());
}

}  // namespace
}  // namespace mpi_podman
