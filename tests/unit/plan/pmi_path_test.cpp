#include "plan/pmi_path.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace mpi_podman {
namespace {

using testing::HasSubstr;

const ImageMpi nothing{};
const ImageMpi mpich{"", "/usr/lib/libmpich.so.12"};
const ImageMpi open_mpi_4{"/usr/lib/libmpi.so.40", "", "libmpi.so.40.30.4"};
const ImageMpi open_mpi_5{"/usr/lib/libmpi.so.40", "", "libmpi.so.40.40.7"};
const ImageMpi open_mpi_unknown{"/usr/lib/libmpi.so.40", "", "libmpi.so.40"};
const ImageMpi both{"/usr/lib/libmpi.so.40", "/usr/lib/libmpich.so.12", "libmpi.so.40.30.4"};

LauncherContext by(Launcher launcher, Pmi pmi) {
    LauncherContext context;
    context.launcher = launcher;
    context.pmi = pmi;
    return context;
}

const LauncherContext mpirun_4 = by(Launcher::open_mpi_4, Pmi::pmix);
const LauncherContext mpirun_5 = by(Launcher::prrte, Pmi::pmix);
const LauncherContext hydra = by(Launcher::hydra, Pmi::pmi1);
const LauncherContext srun_pmi2 = by(Launcher::slurm, Pmi::pmi2);
const LauncherContext srun_pmix = by(Launcher::slurm, Pmi::pmix);

Bridge bridge(const LauncherContext& context, const ImageMpi& image,
              PmiChoice choice = PmiChoice::automatic) {
    return choose_path(choice, context, image).bridge;
}

TEST(PmiPath, PassesThroughWhereBothSpeakTheSame) {
    for (const auto& context : {mpirun_4, mpirun_5, srun_pmix}) {
        EXPECT_EQ(bridge(context, open_mpi_4), Bridge::none);
        EXPECT_EQ(bridge(context, open_mpi_5), Bridge::none);
    }
    EXPECT_EQ(bridge(hydra, mpich), Bridge::none);
    EXPECT_EQ(bridge(srun_pmi2, mpich), Bridge::none);
}

TEST(PmiPath, BridgesWhereTheyDoNot) {
    for (const auto& context : {mpirun_4, mpirun_5, srun_pmix}) {
        EXPECT_EQ(bridge(context, mpich), Bridge::pmi_server);
    }
    for (const auto& context : {hydra, srun_pmi2}) {
        EXPECT_EQ(bridge(context, open_mpi_4), Bridge::pmix_server);
        EXPECT_EQ(bridge(context, open_mpi_5), Bridge::pmix_server);
    }
}

TEST(PmiPath, TakesAnUnknownImageAndOneWithBothAsTheLauncherSpeaks) {
    for (const auto& context : {mpirun_4, mpirun_5, srun_pmix, hydra, srun_pmi2}) {
        EXPECT_EQ(bridge(context, nothing), Bridge::none);
        EXPECT_EQ(bridge(context, both), Bridge::none);
    }
}

TEST(PmiPath, IsNamedByTheUser) {
    EXPECT_EQ(bridge(mpirun_4, nothing, PmiChoice::pmi1), Bridge::pmi_server);
    EXPECT_EQ(bridge(mpirun_4, both, PmiChoice::pmi2), Bridge::pmi_server);
    EXPECT_EQ(bridge(hydra, nothing, PmiChoice::pmix), Bridge::pmix_server);
    EXPECT_EQ(bridge(hydra, open_mpi_4, PmiChoice::pmi1), Bridge::none);
    EXPECT_EQ(bridge(hydra, open_mpi_4, PmiChoice::none), Bridge::none);
}

TEST(PmiPath, IsNoneWithoutLauncher) {
    EXPECT_EQ(bridge({}, mpich), Bridge::none);
    EXPECT_EQ(bridge({}, open_mpi_4, PmiChoice::pmi1), Bridge::none);
}

TEST(PmiPath, KnowsWhatTheRankSpeaksWhereTheImageTells) {
    const auto of_rank = [](const LauncherContext& context, const ImageMpi& image,
                            PmiChoice choice = PmiChoice::automatic) {
        return choose_path(choice, context, image).of_rank;
    };
    for (const auto& context : {mpirun_4, hydra}) {
        EXPECT_EQ(of_rank(context, open_mpi_4), Pmi::pmix);
        EXPECT_EQ(of_rank(context, mpich), Pmi::pmi1);
        EXPECT_EQ(of_rank(context, nothing, PmiChoice::pmix), Pmi::pmix);
        EXPECT_EQ(of_rank(context, nothing), Pmi::none);
        EXPECT_EQ(of_rank(context, both), Pmi::none);
        EXPECT_EQ(of_rank(context, mpich, PmiChoice::none), Pmi::none);
    }
    EXPECT_EQ(of_rank({}, mpich), Pmi::none);
}

TEST(PmiPath, SaysWhy) {
    const auto reason = choose_path(PmiChoice::automatic, mpirun_4, mpich).reason;
    EXPECT_THAT(reason, HasSubstr("MPICH (/usr/lib/libmpich.so.12)"));
    EXPECT_THAT(reason, HasSubstr("mpirun (Open MPI 4) offers PMIx"));
    EXPECT_THAT(choose_path(PmiChoice::pmix, hydra, nothing).reason, HasSubstr("--pmi=pmix"));
}

std::string translated(const LauncherContext& context, const ImageMpi& image) {
    std::string all;
    for (const auto& [name, value, reason] : translations(bridge(context, image), context, image)) {
        all.append(name).append("=").append(value).append(" ");
    }
    return all;
}

TEST(Translation, LeadsOpenMpi4AroundOrteUnderAnybodyElse) {
    const std::string around = "OMPI_MCA_schizo=^orte OMPI_MCA_ess=pmi ";
    EXPECT_EQ(translated(mpirun_5, open_mpi_4), around + "PMIX_GDS_MODULE=hash ");
    EXPECT_EQ(translated(mpirun_5, open_mpi_unknown), around + "PMIX_GDS_MODULE=hash ");
    EXPECT_EQ(translated(hydra, open_mpi_4), around + "PMIX_MCA_gds=hash ");
    EXPECT_EQ(translated(mpirun_5, open_mpi_5), "");
    EXPECT_EQ(translated(hydra, open_mpi_5), "PMIX_MCA_gds=hash ");
}

TEST(Translation, LeavesMpirunOfTheSameKindAlone) {
    EXPECT_EQ(translated(mpirun_4, open_mpi_4), "");
    EXPECT_EQ(translated(mpirun_4, open_mpi_5), "");
    EXPECT_EQ(translated(srun_pmix, open_mpi_4), "");
    EXPECT_EQ(translated(srun_pmix, open_mpi_5), "");
    EXPECT_EQ(translated(mpirun_5, mpich), "");
    EXPECT_EQ(translated(hydra, mpich), "");
}

TEST(SecurityMode, IsTheOneThatEveryImageHas) {
    EXPECT_EQ(security_mode({{"PMIX_SECURITY_MODE", "munge,native"}}), "native");
    EXPECT_EQ(security_mode({{"PMIX_SECURITY_MODE", "native"}}), std::nullopt);
    EXPECT_EQ(security_mode({{"PMIX_SECURITY_MODE", "munge"}}), std::nullopt);
    EXPECT_EQ(security_mode({}), std::nullopt);
}

TEST(SpokenToTheBridge, IsWhatTheLauncherSaysInItsOwnTongue) {
    EXPECT_TRUE(is_spoken_to_the_bridge(Bridge::pmi_server, "PMIX_RANK"));
    EXPECT_FALSE(is_spoken_to_the_bridge(Bridge::pmi_server, "OMPI_COMM_WORLD_LOCAL_RANK"));
    EXPECT_TRUE(is_spoken_to_the_bridge(Bridge::pmix_server, "PMI_FD"));
    EXPECT_TRUE(is_spoken_to_the_bridge(Bridge::pmix_server, "HYDI_CONTROL_FD"));
    EXPECT_FALSE(is_spoken_to_the_bridge(Bridge::pmix_server, "PMIX_MCA_gds"));
    EXPECT_FALSE(is_spoken_to_the_bridge(Bridge::none, "PMI_FD"));
}

TEST(OpenMpiRelease, IsTheLibrarysMinorVersion) {
    EXPECT_EQ(open_mpi_release(open_mpi_4), 4U);
    EXPECT_EQ(open_mpi_release(open_mpi_5), 5U);
    EXPECT_EQ(open_mpi_release(open_mpi_unknown), 0U);
    EXPECT_EQ(open_mpi_release({"", "", "libmpi.so.40.x"}), 0U);
    EXPECT_EQ(open_mpi_release(mpich), 0U);
}

}  // namespace
}  // namespace mpi_podman
