#include "unit/plan/decided.hpp"

namespace mpi_podman {
namespace {

using Words = std::vector<std::string>;

class Workdir : public test::Decide {
protected:
    /// The host's current directory has this program.
    void host_has(const std::string& program) { host.present.insert(program); }
    [[nodiscard]] bool mounts(const std::string& path) const {
        const auto decided = plan();
        return std::find(decided.mounts.begin(), decided.mounts.end(), Mount{path}) != decided.mounts.end();
    }
};

TEST_F(Workdir, IsTheCurrentDirectoryMountedAtTheSamePath) {
    host_has("./ring");
    EXPECT_EQ(plan().workdir, "/home/mpi");
    EXPECT_TRUE(mounts("/home/mpi"));
    EXPECT_EQ(plan().environment.set.at("PWD"), "/home/mpi");
}

TEST_F(Workdir, IsTheCurrentDirectoryWhereBothHaveTheProgram) {
    host_has("./ring");
    image.workdir = "/app";
    image.workdir_has_program = true;
    EXPECT_EQ(plan().workdir, "/home/mpi");
}

TEST_F(Workdir, IsTheImagesWhereOnlyThatHasTheProgram) {
    image.workdir = "/app";
    image.workdir_has_program = true;
    EXPECT_EQ(plan().workdir, "") << "podman's default: the image's";
    EXPECT_TRUE(mounts("/home/mpi")) << "input files are there";
    EXPECT_FALSE(plan().environment.set.contains("PWD"));
}

TEST_F(Workdir, IsTheCurrentDirectoryWhereNeitherHasTheProgram) { EXPECT_EQ(plan().workdir, "/home/mpi"); }

TEST_F(Workdir, IsTheCurrentDirectoryForProgramsOfPathAndAbsoluteOnes) {
    image.workdir = "/app";
    image.workdir_has_program = true;
    for (const char* program : {"ring", "/app/ring"}) {
        options.command = {program};
        EXPECT_EQ(plan().workdir, "/home/mpi") << program;
    }
}

TEST_F(Workdir, TurnsOnTheProgramThatRunsNotOnItsArguments) {
    image.workdir_has_program = true;
    image.entrypoint = {"/entry"};
    EXPECT_EQ(plan().workdir, "/home/mpi");
    image.entrypoint = {"bin/entry"};
    EXPECT_EQ(plan().workdir, "");
    host_has("bin/entry");
    EXPECT_EQ(plan().workdir, "/home/mpi");
    options.entrypoint = "./other";
    EXPECT_EQ(plan().workdir, "");
}

TEST_F(Workdir, IsTheTypedOneWhateverElseHolds) {
    options.workdir = "/typed";
    image.workdir_has_program = true;
    EXPECT_EQ(plan().workdir, "/typed");
    EXPECT_TRUE(mounts("/home/mpi"));
    EXPECT_FALSE(plan().environment.set.contains("PWD"));
    options.no_cwd = true;
    EXPECT_EQ(plan().workdir, "/typed");
}

TEST_F(Workdir, IsTheImagesAndNothingIsMountedWithNoCwd) {
    host_has("./ring");
    options.no_cwd = true;
    EXPECT_EQ(plan().workdir, "");
    EXPECT_FALSE(mounts("/home/mpi"));
}

TEST_F(Workdir, LeavesAPwdThatPassesWithTheWholeEnvironment) {
    options.env_host = EnvHost::all;
    environment["PWD"] = "/home/../home/mpi";
    EXPECT_EQ(plan().workdir, "/home/mpi");
    EXPECT_FALSE(plan().environment.set.contains("PWD"));
}

TEST_F(Workdir, LeavesAPwdTheUserTyped) {
    options.environment = {"PWD=/typed"};
    EXPECT_EQ(plan().environment.set.at("PWD"), "/typed");
}

class SystemDirectory : public testing::TestWithParam<const char*> {};

TEST_P(SystemDirectory, IsNeverMountedOver) {
    EXPECT_TRUE(is_system_directory(GetParam()));
    auto host = test::sample_host();
    host.cwd = GetParam();
    const auto plan = decide(test::sample_options(), test::open_mpi_context(), test::open_mpi_environment(),
                             host, test::sample_image());
    ASSERT_TRUE(plan) << plan.error().message;
    EXPECT_EQ(plan->mounts, std::vector<Mount>{{"/tmp/ompi.node1.1000/pid.4200"}});
    EXPECT_EQ(plan->workdir, "");
    EXPECT_FALSE(plan->environment.set.contains("PWD"));
}

INSTANTIATE_TEST_SUITE_P(Of, SystemDirectory,
                         testing::Values("/", "/usr", "/usr/share", "/etc", "/etc/ssl/certs", "/bin", "/sbin",
                                         "/lib", "/lib64", "/lib32", "/libx32", "/lib/modules", "/var",
                                         "/var/lib", "/opt", "/proc", "/proc/self", "/sys", "/sys/fs/cgroup",
                                         "/dev", "/dev/pts", "/run", "/boot"));

class UsersDirectory : public testing::TestWithParam<const char*> {};

TEST_P(UsersDirectory, IsMounted) {
    EXPECT_FALSE(is_system_directory(GetParam()));
    auto host = test::sample_host();
    host.cwd = GetParam();
    const auto plan = decide(test::sample_options(), test::open_mpi_context(), test::open_mpi_environment(),
                             host, test::sample_image());
    ASSERT_TRUE(plan) << plan.error().message;
    EXPECT_EQ(plan->workdir, GetParam());
    EXPECT_NE(std::find(plan->mounts.begin(), plan->mounts.end(), Mount{GetParam()}), plan->mounts.end());
}

INSTANTIATE_TEST_SUITE_P(Of, UsersDirectory,
                         testing::Values("/home/mpi/a b", "/tmp", "/tmp/x", "/scratch", "/root", "/opt/app",
                                         "/var/tmp/x", "/var/lib/me", "/library", "/usrlocal", "/devel",
                                         "/mnt/x", "/srv", "/data:1"));

TEST(Program, IsTheFirstWordByPodmansRules) {
    Options options;
    ImageFacts image;
    EXPECT_EQ(program_of(options, image), "");
    image.command = {"cmd", "x"};
    EXPECT_EQ(program_of(options, image), "cmd");
    options.command = {"typed", "x"};
    EXPECT_EQ(program_of(options, image), "typed");
    image.entrypoint = {"entry", "x"};
    EXPECT_EQ(program_of(options, image), "entry");
    options.entrypoint = "chosen";
    EXPECT_EQ(program_of(options, image), "chosen");
    options.entrypoint = "";
    EXPECT_EQ(program_of(options, image), "typed") << "--entrypoint '' ignores the image's";
}

TEST(Program, IsNotTheImagesCmdWhereTheEntrypointIsReplaced) {
    Options options;
    options.entrypoint = "";
    ImageFacts image;
    image.command = {"cmd"};
    // podman run --entrypoint drops the image's CMD as well (podman 4.3: "no command or entrypoint
    // provided").
    EXPECT_EQ(program_of(options, image), "");
}

TEST(PathsToAsk, AreTheSessionPathsAndARelativeProgram) {
    auto options = test::sample_options();
    const auto context = test::open_mpi_context();
    EXPECT_EQ(paths_to_ask(options, context), (Words{"/tmp/ompi.node1.1000/pid.4200", "./ring"}));
    for (const char* program : {"ring", "/bin/ring"}) {
        options.command = {program};
        EXPECT_EQ(paths_to_ask(options, context), Words{"/tmp/ompi.node1.1000/pid.4200"});
    }
    options.command = {"bin/ring"};
    EXPECT_EQ(paths_to_ask(options, {}), Words{"bin/ring"});
    options.command = {};
    EXPECT_EQ(paths_to_ask(options, {}), Words{});
}

}  // namespace
}  // namespace mpi_podman
