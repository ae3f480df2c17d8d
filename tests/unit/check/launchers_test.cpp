#include "check/launchers.hpp"

#include <gmock/gmock.h>

#include <filesystem>

#include "unit/temporary_directory.hpp"

namespace mpi_podman {
namespace {

using testing::ElementsAre;
using testing::IsEmpty;
using testing::SizeIs;

struct Said {
    std::string words;
    Launcher launcher;
    Pmi pmi;
    std::string release;
};
void PrintTo(const Said& said, std::ostream* out) { *out << said.words; }

/// As the programs said it.
const std::vector<Said> all_said{
    {"mpirun (Open MPI) 4.1.4\n\nReport bugs to http://www.open-mpi.org/community/help/\n",
     Launcher::open_mpi_4, Pmi::pmix, "4.1.4"},
    {"mpirun.openmpi (OpenRTE) 4.1.4\n", Launcher::open_mpi_4, Pmi::pmix, "4.1.4"},
    {"mpirun (Open MPI) 5.0.7\n\nReport bugs to ...\n", Launcher::prrte, Pmi::pmix, "5.0.7"},
    {"prterun (PRRTE) 3.0.8\n", Launcher::prrte, Pmi::pmix, "3.0.8"},
    {"HYDRA build details:\n    Version:                                 4.0.2\n", Launcher::hydra, Pmi::pmi1,
     "4.0.2"},
    {"Intel(R) MPI Library for Linux* OS, Version 2021.9 Build 20230307\n", Launcher::hydra, Pmi::pmi1,
     "2021.9"},
    {"slurm-wlm 22.05.8\n", Launcher::slurm, Pmi::none, "22.05.8"},
    {"slurm 24.11.5\n", Launcher::slurm, Pmi::none, "24.11.5"}};

class EachSaid : public testing::TestWithParam<Said> {};

TEST_P(EachSaid, TellsTheLauncher) {
    const auto found = launcher_by_words(GetParam().words);
    ASSERT_TRUE(found);
    EXPECT_EQ(found->launcher, GetParam().launcher);
    EXPECT_EQ(found->pmi, GetParam().pmi);
    EXPECT_EQ(found->release, GetParam().release);
}

INSTANTIATE_TEST_SUITE_P(Launchers, EachSaid, testing::ValuesIn(all_said));

TEST(Launchers, OthersAreNone) {
    EXPECT_FALSE(launcher_by_words(""));
    EXPECT_FALSE(launcher_by_words("bash 5.2.15\n"));
}

TEST(Slurm, OffersWhatItIsTold) {
    EXPECT_EQ(pmi_of_slurm("pmix"), Pmi::pmix);
    EXPECT_EQ(pmi_of_slurm("pmix_v4"), Pmi::pmix);
    EXPECT_EQ(pmi_of_slurm("pmi2"), Pmi::pmi2);
    EXPECT_EQ(pmi_of_slurm("none"), Pmi::none);
    EXPECT_THAT(types_of_slurm("MPI plugin types are...\n\tpmi2\n\tpmix\n\tnone\n"),
                ElementsAre("pmix", "pmi2"));
    EXPECT_THAT(types_of_slurm("MPI plugin types are...\n\tnone\n"), IsEmpty());
}

class OnHost : public testing::Test {
protected:
    /// A program of this name that says so; and counts how often.
    void says(const std::string& name, const std::string& words) const {
        home.file("bin/" + name, "#!/bin/sh\necho \"$0 $*\" >>" + home / "asked" + "\necho '" + words + "'\n",
                  0755);
    }
    [[nodiscard]] std::string asked() const { return test::content_of(home / "asked"); }
    test::TemporaryDirectory home;
    Environment environment{{"PATH", home / "bin" + ":/nowhere"}};
};

TEST_F(OnHost, EachLauncherIsFoundOnce) {
    says("mpirun", "mpirun (Open MPI) 4.1.4");
    says("mpiexec", "mpiexec (Open MPI) 4.1.4");
    says("mpiexec.hydra", "HYDRA build details:\n  Version: 4.0.2");
    const auto found = launchers_on_host(environment, "", 2);
    ASSERT_THAT(found, SizeIs(2));
    EXPECT_EQ(found[0].path, home / "bin/mpirun");
    EXPECT_THAT(found[0].command, ElementsAre("mpirun", "-np", "2"));
    EXPECT_THAT(found[1].command, ElementsAre("mpiexec.hydra", "-np", "2"));
}

TEST_F(OnHost, WhatItSaidIsKeptUntilItsFileChanges) {
    says("mpirun", "mpirun (Open MPI) 4.1.4");
    const auto cache = home / "cache";
    EXPECT_EQ(launchers_on_host(environment, cache, 2).front().release, "4.1.4");
    const auto once = asked();
    EXPECT_EQ(launchers_on_host(environment, cache, 2).front().release, "4.1.4");
    EXPECT_EQ(asked(), once);
    std::filesystem::remove(home / "bin/mpirun");
    says("mpirun", "mpirun (Open MPI) 4.1.5");
    EXPECT_EQ(launchers_on_host(environment, cache, 2).front().release, "4.1.5");
}

TEST_F(OnHost, OneThatFailsIsNone) {
    home.file("bin/mpirun", "#!/bin/sh\necho 'mpirun (Open MPI) 4.1.4'; exit 1\n", 0755);
    EXPECT_THAT(launchers_on_host(environment, home / "cache", 2), IsEmpty());
}

TEST_F(OnHost, OneThatIsNamedKeepsItsWords) {
    says("mpirun", "mpirun (Open MPI) 5.0.7");
    const auto found = launcher_named(home / "bin/mpirun" + " -np 16  --hostfile hf", environment, "");
    ASSERT_TRUE(found);
    EXPECT_EQ(found->launcher, Launcher::prrte);
    EXPECT_THAT(found->command, ElementsAre(home / "bin/mpirun", "-np", "16", "--hostfile", "hf"));
    EXPECT_FALSE(launcher_named("mpiexec", environment, ""));
    EXPECT_FALSE(launcher_named(" ", environment, ""));
    says("ls", "ls (GNU coreutils) 9.1");
    EXPECT_FALSE(launcher_named("ls", environment, ""));
}

TEST_F(OnHost, SrunIsSrunWhereItHasNoConfigurationToSaySoFrom) {
    home.file("bin/srun", "#!/bin/sh\nexit 1\n", 0755);
    const auto found = launcher_named("srun --mpi=pmi2", environment, "");
    ASSERT_TRUE(found);
    EXPECT_EQ(found->launcher, Launcher::slurm);
    EXPECT_EQ(found->pmi, Pmi::pmi2);
}

TEST_F(OnHost, SrunIsWhatItIsToldAndElseTheBestItHas) {
    home.file(
        "bin/srun",
        "#!/bin/sh\ncase $1 in --version) echo slurm 22.05.8;; *) printf 'types are\\n\\tpmi2\\n';; esac\n",
        0755);
    EXPECT_EQ(launcher_named("srun --mpi=pmix_v4", environment, "")->pmi, Pmi::pmix);
    const auto apart = launcher_named("srun --mpi pmi2", environment, "");
    EXPECT_EQ(apart->pmi, Pmi::pmi2);
    EXPECT_THAT(apart->command, ElementsAre("srun", "--mpi", "pmi2"));
    const auto best = launcher_named("srun -n 4", environment, "");
    EXPECT_EQ(best->pmi, Pmi::pmi2);
    EXPECT_THAT(best->command, ElementsAre("srun", "--mpi=pmi2", "-n", "4"));
    environment["SLURM_MPI_TYPE"] = "pmix";
    EXPECT_EQ(launcher_named("srun -n 4", environment, "")->pmi, Pmi::pmix);
    EXPECT_THAT(launchers_on_host(environment, "", 2), IsEmpty());
    home.file("etc/slurm.conf");  // of a Slurm that is installed there
    const auto found = launchers_on_host(environment, "", 2);
    ASSERT_THAT(found, SizeIs(1));
    EXPECT_THAT(found[0].command, ElementsAre("srun", "-n", "2", "--mpi=pmi2"));
}

}  // namespace
}  // namespace mpi_podman
