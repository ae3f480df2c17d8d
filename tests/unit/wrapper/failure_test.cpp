// Every failure is one line, the right exit status, and nothing left.
#include "unit/wrapper/job.hpp"

namespace mpi_podman {
namespace {

class Failure : public test::Job {
protected:
    void expect(const test::Outcome& outcome, int status, const std::string& message) {
        EXPECT_EQ(outcome.ending, (Ending{status, 0}));
        EXPECT_TRUE(line_of(outcome).starts_with(message)) << outcome.err;
        EXPECT_EQ(outcome.out, "");
        expect_nothing_left();
    }
};

TEST_F(Failure, PodmanIsMissing) {
    podman_path = "/no/such/podman";
    expect(run(), 125, "cannot run /no/such/podman: ");
    podman_path = "no-such-podman";
    expect(run(), 125, "no-such-podman was not found in PATH; install podman 4.3 or newer");
}

TEST_F(Failure, PodmanIsTooOld) {
    podman.on("version", "echo podman version 3.4.4");
    expect(run(), 125,
           "this podman is too old or unreadable: 'podman version 3.4.4'; install podman 4.3 or newer");
}

TEST_F(Failure, PodmanAnswersGarbage) {
    podman.on("inspect", "echo garbage");
    expect(run(), 125, "podman image inspect gave no readable answer: ");
    podman.on("inspect", "printf '\\033[2J\\n\\377'");
    expect(run(), 125, "podman image inspect gave no readable answer: ");
    podman.on("version", "printf '\\033[2J'");
    expect(run(), 125, "this podman is too old or unreadable: '?[2J'");
}

TEST_F(Failure, TheImageCannotBePulled) {
    podman.on("inspect", "echo 'Error: inspecting object: img: image not known' >&2; exit 125");
    podman.on("pull", "echo 'Error: short-name \"img\" did not resolve' >&2; exit 125");
    expect(run(), 125,
           "image img is not here and cannot be pulled: short-name \"img\" did not resolve; check the name");
}

TEST_F(Failure, TheCommandLineIsWrong) {
    expect(run({"--bogus"}), 2, "unknown option --bogus; see mpi-podman --help");
    expect(run({"--pull=maybe"}), 2, "--pull=maybe: no such choice");
    EXPECT_EQ(calls_of("run"), 0);
}

TEST_F(Failure, TheLauncherLeftNonsense) {
    in_a_job_of_two(0);
    environment["OMPI_COMM_WORLD_LOCAL_SIZE"] = "1";
    environment["OMPI_COMM_WORLD_SIZE"] = "many";
    expect(run(), 125, "OMPI_COMM_WORLD_SIZE='many' is no number");
}

TEST_F(Failure, TheRankWouldBeAJobOfItsOwn) {
    in_a_job_of_two(0);
    environment["OMPI_COMM_WORLD_LOCAL_SIZE"] = "1";
    expect(run({"--unsetenv=PMIX_RANK"}), 125,
           "mpirun (Open MPI 4) started 2 ranks, but its ranks would run as separate jobs of one rank each: "
           "PMIX_RANK missing");
    EXPECT_EQ(calls_of("run"), 0);
}

TEST_F(Failure, TheEnvironmentIsNotUtf8) {
    environment["MINE"] = "\xff";
    expect(run(), 125, "the variable MINE holds bytes that are not UTF-8");
}

TEST_F(Failure, TheCurrentDirectoryIsGone) {
    expect(run({}, [&] { ::rmdir((home / "work").c_str()); }), 125,
           "the current directory is gone or unreachable: ");
}

TEST_F(Failure, TheLogCannotBeWritten) {
    expect(run({"--log-level=debug", "--log-file=" + home.file("no-directory") + "/log"}), 125,
           "cannot write the log: ");
}

TEST_F(Failure, ThereIsNoPlaceForTheJobsFiles) {
    environment["XDG_RUNTIME_DIR"] = home / "no-directory";
    environment["HOME"] = home.file("no-home");
    if (!std::filesystem::exists("/run/user/" + std::to_string(::geteuid()))) {
        expect(run(), 125, "no directory of your own for the job's files on this node; set XDG_RUNTIME_DIR");
    }
}

/// How podman run failed, in its own words, and what comes of it.
struct RunFailure {
    const char* what;
    std::string words;
    int podmans_status;
    int status;
    std::string message;
};
void PrintTo(const RunFailure& failure, std::ostream* out) { *out << failure.what; }

class PodmanRunFails : public Failure, public testing::WithParamInterface<RunFailure> {};

TEST_P(PodmanRunFails, AndTheUserReadsWhy) {
    const auto& row = GetParam();
    podman.on("run", "cat >&2 <<'END'\n" + row.words + "\nEND\nexit " + std::to_string(row.podmans_status));
    expect(run(), row.status, row.message);
    EXPECT_EQ(calls_of("rm"), 1) << "whatever was half made is removed";
}

const RunFailure run_failures[] = {
    {"mqueue", "Error: statfs /dev/mqueue: no such file or directory", 125, 125,
     "/dev/mqueue is not mounted on this node"},
    {"hybrid cgroups",
     "Error: OCI runtime error: crun: cgroups in hybrid mode not supported, drop all controllers from "
     "cgroupv2",
     126, 125, "crun refuses this node's hybrid cgroup layout"},
    {"subuid",
     "time=\"2026-11-21T08:00:00Z\" level=error msg=\"running /usr/bin/newuidmap\"\nError: cannot find "
     "UID/GID for user mpi: no subuid "
     "ranges found for user \"mpi\" in /etc/subuid - check rootless mode in man pages.",
     125, 125, "this user has no subuid range on this node"},
    {"statfs", "Error: statfs /data: no such file or directory", 125, 125,
     "podman: statfs /data: no such file or directory; the path of that"},
    {"not executable", "Error: crun: open executable: Permission denied: OCI permission denied", 126, 126,
     "cmd cannot be executed in img"},
    {"not found",
     "Error: crun: executable file `cmd` not found in $PATH: No such file or directory: OCI runtime "
     "attempted to invoke a command that "
     "was not found",
     127, 127, "cmd was not found in img"},
    {"unknown flag", "Error: unknown flag: --bogus\nSee 'podman run --help'", 125, 125,
     "podman: unknown flag: --bogus; check --podman-arg"},
    {"control bytes", "Error: bad \x1b[31mname\x07", 125, 125, "podman: bad ?[31mname?"},
};
INSTANTIATE_TEST_SUITE_P(Each, PodmanRunFails, testing::ValuesIn(run_failures));

TEST_F(Failure, PodmanRunSaysNothing) {
    podman.on("run", "exit 125");
    expect(run(), 125, "podman ended with status 125 and said nothing");
}

TEST_F(Failure, TheRuntimeCannotExecuteTheProgramOfAStartedContainer) {
    podman.on("run", test::FakePodman::run_rank("echo '{\"msg\":\"exec container process `/bin/cmd`: Exec "
                                                "format error\",\"level\":\"error\"}' >&2; exit 1"));
    expect(run(), 126,
           "cmd cannot be executed in img, working directory " + home / "work" + " (Exec format error)");
}

TEST_F(Failure, PodmanIsKilled) {
    podman.on("run", "kill -KILL $$");
    expect(run(), 125, "podman was killed by signal 9, and the rank with it; see what killed it: ");
    podman.on("run", test::FakePodman::run_rank("kill -TERM $$"));
    expect(run(), 125, "podman was killed by signal 15, and the rank with it");
    EXPECT_EQ(calls_of("rm"), 2);
}

}  // namespace
}  // namespace mpi_podman
