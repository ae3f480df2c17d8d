// What passes between the launcher and a rank that runs.
#include <sys/socket.h>

#include "unit/wrapper/job.hpp"

namespace mpi_podman {
namespace {

using test::FakePodman;

using Rank = test::Job;

TEST_F(Rank, EndsTheWrapperWithItsOwnStatus) {
    for (const int status : {0, 1, 3, 125, 126, 127, 255}) {
        podman.on("run", FakePodman::run_rank("exit " + std::to_string(status)));
        const auto outcome = run();
        EXPECT_EQ(outcome.ending, (Ending{status, 0}));
        EXPECT_EQ(outcome.err, "");
    }
    EXPECT_EQ(calls_of("rm"), 3) << "podman run --rm removes it, but may have failed with 125, 126 or 127";
    expect_nothing_left();
}

TEST_F(Rank, EndsTheWrapperByItsOwnSignal) {
    for (const int number : {SIGSEGV, SIGABRT, SIGTERM, SIGKILL}) {
        podman.on("run", FakePodman::run_rank("exit " + std::to_string(128 + number)));
        const auto outcome = run();
        EXPECT_EQ(outcome.ending, (Ending{0, number}));
        EXPECT_EQ(outcome.err, "");
    }
    expect_nothing_left();
}

TEST_F(Rank, WritesToOurStreamsByteForByte) {
    podman.on("run", FakePodman::run_rank("printf 'out\\000\\377'; printf 'err\\033\\377' >&2"));
    const auto outcome = run();
    EXPECT_EQ(outcome.out, std::string("out\0\xff", 5));
    EXPECT_EQ(outcome.err, "err\x1b\xff");
}

TEST_F(Rank, ReadsOurStdin) {
    const auto input = home.file("input", std::string(300000, 'i') + "\n");
    podman.on("run", FakePodman::run_rank("wc -c"));
    const auto outcome = run({}, [&] { ::dup2(::open(input.c_str(), O_RDONLY | O_CLOEXEC), STDIN_FILENO); });
    EXPECT_EQ(outcome.out, "300001\n");
    EXPECT_EQ(calls_of("--interactive"), 1);
}

TEST_F(Rank, HasNoStdinWhereTheLauncherGaveNone) {
    podman.on("run", FakePodman::run_rank("readlink /proc/$$/fd/0"));
    EXPECT_EQ(run().out, "/dev/null\n");
    EXPECT_EQ(run({}, [] { ::close(STDIN_FILENO); }).out, "/dev/null\n");
    EXPECT_EQ(calls_of("--interactive"), 0);
}

TEST_F(Rank, RunsThoughNobodyWantsItsOutput) {
    podman.on("run", FakePodman::run_rank("echo out; echo err >&2; exit 3"));
    for (const int stream : {STDOUT_FILENO, STDERR_FILENO}) {
        EXPECT_EQ(run({}, [=] { ::close(stream); }).ending, (Ending{3, 0})) << stream;
    }
    expect_nothing_left();
}

TEST_F(Rank, IsGivenVariablesByNameAndPodmanTheirValues) {
    environment["SECRET"] = "s3cret value\nline";
    podman.on("run", FakePodman::run_rank("printf %s \"$SECRET\""));
    EXPECT_EQ(run().out, "s3cret value\nline");
    EXPECT_EQ(calls_of("--env=SECRET"), 1);
    for (const auto& call : podman.calls()) {
        EXPECT_EQ(call.find("s3cret"), std::string::npos) << call;
    }
}

TEST_F(Rank, HasALargeEnvironment) {
    environment["EMPTY"] = "";
    environment["EQUALS"] = "a=b=";
    environment["LARGE_1"] = std::string(120000, 'x');
    environment["LARGE_2"] = std::string(80000, 'y');
    podman.on("run", FakePodman::run_rank("echo \"${#LARGE_1} ${#LARGE_2} <$EMPTY> <$EQUALS>\""));
    EXPECT_EQ(run().out, "120000 80000 <> <a=b=>\n");
}

TEST_F(Rank, ReachesItsPmiServerOnFdThreeWhateverItsNumberWas) {
    for (const auto& options : {std::vector<std::string>{}, {"--env-host=all"}, {"--env-host=launcher"}}) {
        int ends[2] = {-1, -1};
        ASSERT_EQ(::socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, ends), 0);
        environment.insert({{"PMI_FD", "17"}, {"PMI_RANK", "0"}, {"PMI_SIZE", "2"}});
        podman.on("run", FakePodman::run_rank("echo cmd=init $PMI_FD >&3"));
        EXPECT_EQ(run(options, [&] { ::dup2(ends[0], 17); }).ending, (Ending{0, 0}));
        ::close(ends[0]);
        char got[20] = {};
        EXPECT_EQ(::read(ends[1], got, sizeof got - 1), 11);
        EXPECT_STREQ(got, "cmd=init 3\n");
        ::close(ends[1]);
    }
    EXPECT_EQ(calls_of("--env=PMI_FD"), 3);
}

TEST_F(Rank, GetsValuesThatNoCommandLineShows) {
    podman.on("run", FakePodman::run_rank("echo $SECRET"));
    EXPECT_EQ(run({"--env=SECRET=xyzzy", "--env=PATH=/opt/bin"}).out, "xyzzy\n");
    for (const auto& call : podman.calls()) {
        EXPECT_EQ(call.find("xyzzy"), std::string::npos) << call;
    }
    EXPECT_EQ(calls_of("--env=PATH=/opt/bin"), 1) << "podman would look there for its own programs";
}

TEST_F(Rank, SeesNoOtherFdOfTheLaunchers) {
    podman.on("run", FakePodman::run_rank(
                         "for fd in 0 1 2 3 4 5 6 7 8 9; do ! test -e /proc/$$/fd/$fd || echo $fd; done"));
    EXPECT_EQ(run({}, [] { ::dup2(STDOUT_FILENO, 5); }).out, "0\n1\n2\n");
}

TEST_F(Rank, IsNotStartedByADryRun) {
    const auto outcome = run({"--dry-run"});
    EXPECT_EQ(outcome.ending, (Ending{0, 0}));
    EXPECT_TRUE(outcome.out.starts_with(podman.path() + " \\\n    --log-level=error")) << outcome.out;
    EXPECT_TRUE(outcome.out.ends_with(" \\\n    img \\\n    cmd\n# PMI: no launcher that speaks PMI\n"))
        << outcome.out;
    EXPECT_EQ(outcome.err, "");
    EXPECT_EQ(calls_of("run"), 0);
    EXPECT_EQ(calls_of("pull"), 0);
    expect_nothing_left();
}

TEST_F(Rank, IsNotStartedForHelpAndVersion) {
    EXPECT_TRUE(run({"--help"}).out.starts_with("Usage: mpi-podman "));
    EXPECT_TRUE(run({"--version"}).out.starts_with("mpi-podman "));
    EXPECT_EQ(podman.calls(), std::vector<std::string>{});
}

TEST_F(Rank, IsLoggedWhereTheUserAsks) {
    EXPECT_EQ(run({"--log-level=debug", "--log-file=" + home / "log"}).err, "");
    EXPECT_NE(test::content_of(home / "log").find("] debug: starting: "), std::string::npos);
}

}  // namespace
}  // namespace mpi_podman
