// Two ranks of one job on one node: what one finds out or says, the other does not repeat.
#include "unit/wrapper/job.hpp"

namespace mpi_podman {
namespace {

class TwoRanks : public test::Job {
protected:
    /// Starts both at once; their outcomes, and what they wrote to stderr together in `said`.
    std::pair<test::Outcome, test::Outcome> run_both(
        const std::vector<std::string>& options = {}, const std::function<void()>& before = [] {}) {
        in_a_job_of_two(0);
        const auto first = start(options, before);
        in_a_job_of_two(1);
        const auto second = start(options, before);
        std::pair outcomes{first.end(), second.end()};
        said = outcomes.first.err + outcomes.second.err;
        return outcomes;
    }
    void expect_one_line(const std::string& message) {
        line_of({{}, "", said});
        EXPECT_NE(said.find(message), std::string::npos) << said;
    }
    std::string said;
};

TEST_F(TwoRanks, LookAtTheImageOnce) {
    const auto [first, second] = run_both();
    EXPECT_EQ(first.ending, (Ending{0, 0}));
    EXPECT_EQ(second.ending, (Ending{0, 0}));
    EXPECT_EQ(said, "");
    EXPECT_EQ(calls_of("--version"), 1);
    EXPECT_EQ(calls_of("inspect"), 1);
    EXPECT_EQ(calls_of("run"), 2);
    expect_nothing_left();
}

TEST_F(TwoRanks, PullOnce) {
    podman.on("inspect",
              "test -e " + home / "pulled" +
                  " || { echo 'Error: img: image not known' >&2; exit 125; }; echo '[{\"Id\":\"1\"}]'");
    podman.on("pull", "touch " + home / "pulled");
    const auto [first, second] = run_both();
    EXPECT_EQ(first.ending, (Ending{0, 0}));
    EXPECT_EQ(second.ending, (Ending{0, 0}));
    EXPECT_EQ(calls_of("pull"), 1);
}

TEST_F(TwoRanks, SayOnceThatPodmanIsTooOld) {
    podman.on("version", "echo podman version 3.4.4");
    const auto [first, second] = run_both();
    EXPECT_EQ(first.ending, (Ending{125, 0}));
    EXPECT_EQ(second.ending, (Ending{125, 0}));
    expect_one_line("this podman is too old");
    expect_nothing_left();
}

TEST_F(TwoRanks, SayOnceWhatPodmanRunSaysTwice) {
    podman.on("run", "echo 'Error: statfs /dev/mqueue: no such file or directory' >&2; exit 125");
    const auto [first, second] = run_both();
    EXPECT_EQ(first.ending, (Ending{125, 0}));
    EXPECT_EQ(second.ending, (Ending{125, 0}));
    expect_one_line("/dev/mqueue is not mounted");
    expect_nothing_left();
}

TEST_F(TwoRanks, SayOnceWhatNamesTwoContainers) {
    podman.on("run",
              "id=$(printf '%064d' $$); echo \"Error: workdir \\\"/nodir\\\" does not exist on container "
              "$id\" >&2; exit 126");
    run_both();
    expect_one_line("does not exist on container");
}

TEST_F(TwoRanks, SayOnceThatTheCommandLineIsWrong) {
    const auto [first, second] = run_both({"--bogus"});
    EXPECT_EQ(first.ending, (Ending{2, 0}));
    EXPECT_EQ(second.ending, (Ending{2, 0}));
    expect_one_line("unknown option --bogus");
    expect_nothing_left();
}

TEST_F(TwoRanks, SayOnceThatTheLauncherLeftNonsense) {
    environment["OMPI_COMM_WORLD_NODE_RANK"] = "0";
    environment["OMPI_FILE_LOCATION"] = "x";
    environment["PMIX_SERVER_TMPDIR"] = "relative";
    const auto [first, second] = run_both();
    EXPECT_EQ(first.ending, (Ending{125, 0}));
    EXPECT_EQ(second.ending, (Ending{125, 0}));
    expect_one_line("PMIX_SERVER_TMPDIR='relative' is no absolute path");
    expect_nothing_left();
}

TEST_F(TwoRanks, SayTwoDifferentThings) {
    podman.on("run", "echo \"Error: first $PMIX_RANK\" >&2; exit 125");
    run_both();
    EXPECT_NE(said.find("podman: first 0"), std::string::npos) << said;
    EXPECT_NE(said.find("podman: first 1"), std::string::npos) << said;
}

TEST_F(TwoRanks, FailEachForItself) {
    podman.on("run", test::FakePodman::run_rank("exit $((PMIX_RANK * 3))"));
    const auto [first, second] = run_both();
    EXPECT_EQ(first.ending, (Ending{0, 0}));
    EXPECT_EQ(second.ending, (Ending{3, 0}));
    EXPECT_EQ(said, "");
    expect_nothing_left();
}

TEST_F(TwoRanks, KeepTheirStatusThoughTheLauncherIgnoresSigchld) {
    podman.on("run", test::FakePodman::run_rank("exit 3"));
    const auto [first, second] = run_both({}, [] { ::signal(SIGCHLD, SIG_IGN); });
    EXPECT_EQ(first.ending, (Ending{3, 0}));
    EXPECT_EQ(second.ending, (Ending{3, 0}));
}

}  // namespace
}  // namespace mpi_podman
