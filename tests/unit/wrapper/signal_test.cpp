// Signals, and the wrapper's own death: the rank gets them, and nothing of it stays.
#include "unit/wrapper/job.hpp"

namespace mpi_podman {
namespace {

class Signalled : public test::Job {
protected:
    /// A `run` whose rank is a shell in a mount namespace of its own, as in a container; podman waits for it.
    void rank_does(const std::string& script) {
        home.file("rank", script + "\n");
        // A shell's background processes ignore SIGINT and SIGQUIT.
        const std::string apart =
            std::string("env --default-signal unshare ") + (::geteuid() == 0 ? "-m" : "-rm");
        podman.on("run", "for word; do case $word in --pidfile=*) pidfile=${word#*=};; esac; done\n" + apart +
                             " sh -c 'echo $$ >" + home / "rank.new" + "; mv " + home / "rank.new" +
                             " $1; exec sh " + home / "rank" +
                             "' sh $pidfile &\nexec 2>/dev/null\nwait $!\nexit $?");
    }
    /// Starts it and waits until the wrapper knows the rank and the rank has done the first of its script.
    test::Started start_rank() {
        std::filesystem::remove(home / "ready");
        std::filesystem::remove(home / "log");
        const auto started = start({"--log-level=debug", "--log-file=" + home / "log"});
        wait_until(
            [&] { return test::content_of(home / "log").find("the container runs") != std::string::npos; },
            "the rank is seen");
        wait_until([&] { return std::filesystem::exists(home / "ready"); }, "the rank is ready");
        return started;
    }
    const std::string be_ready = "echo $$ >" + home / "ready" + "; while :; do sleep 0.05; done";
};

TEST_F(Signalled, ToEndIsEndedByThatSignal) {
    for (const int number : {SIGTERM, SIGINT, SIGHUP, SIGQUIT}) {
        rank_does(be_ready);
        const auto started = start_rank();
        started.signal(number);
        const auto outcome = started.end();
        EXPECT_EQ(outcome.ending, (Ending{0, number}));
        EXPECT_EQ(outcome.err, "");
    }
    expect_nothing_left();
}

TEST_F(Signalled, RankMayCatchItAndEndAsItLikes) {
    rank_does("trap 'echo caught; exit 5' TERM USR1; " + be_ready);
    for (const int number : {SIGTERM, SIGUSR1}) {
        const auto started = start_rank();
        started.signal(number);
        const auto outcome = started.end();
        EXPECT_EQ(outcome.out, "caught\n") << number;
        EXPECT_EQ(outcome.ending, (Ending{5, 0})) << number;
    }
}

TEST_F(Signalled, WhilePodmanStartsItGivesUp) {
    podman.on("run", "touch " + home / "starting" + "; exec sleep 60");
    const auto started = start();
    wait_until([&] { return std::filesystem::exists(home / "starting"); }, "podman starts");
    started.signal(SIGTERM);
    EXPECT_EQ(started.end().ending, (Ending{0, SIGTERM}));
    EXPECT_EQ(calls_of("rm"), 1);
    expect_nothing_left();
}

TEST_F(Signalled, WhileTheImageIsPulledItGivesUp) {
    podman.on("inspect", "echo 'Error: img: image not known' >&2; exit 125");
    podman.on("pull", "echo $$ >" + home / "pull.pid" + "; exec sleep 60");
    const auto started = start();
    const Fd pull = process_of("pull.pid");
    started.signal(SIGTERM);
    EXPECT_EQ(started.end().ending, (Ending{0, SIGTERM}));
    EXPECT_TRUE(ends(pull)) << "podman pull goes on";
    signal_pidfd(pull, SIGKILL);
}

TEST_F(Signalled, RankTakesItsDaemonsAlong) {
    rank_does("setsid sh -c 'echo $$ >" + home / "daemon.pid" + "; exec sleep 60' & until test -s " +
              home / "daemon.pid" + "; do sleep 0.01; done; exit 0");
    const auto outcome = run();
    EXPECT_EQ(outcome.ending, (Ending{0, 0}));
    EXPECT_TRUE(ends(process_of("daemon.pid")));
}

TEST_F(Signalled, KilledOutrightItLeavesNothingAllTheSame) {
    rank_does("trap '' TERM HUP INT; " + be_ready);
    const auto started = start_rank();
    const Fd rank = process_of("ready");
    started.signal(SIGKILL);
    EXPECT_EQ(started.end().ending, (Ending{0, SIGKILL}));
    EXPECT_TRUE(ends(rank)) << "the rank runs on";
    wait_until([&] { return calls_of("rm") == 1; }, "podman removes the container");
    wait_until([&] { return test::names_in(home / "runtime").empty(); }, "the job's directory goes");
    expect_nothing_left();
}

TEST_F(Signalled, KilledWhilePodmanStartsItLeavesNothingAllTheSame) {
    podman.on("run", "echo $$ >" + home / "podman.pid" + "; exec sleep 60");
    const auto started = start();
    const Fd process = process_of("podman.pid");
    started.signal(SIGKILL);
    started.end();
    EXPECT_TRUE(ends(process)) << "podman runs on";
    wait_until([&] { return test::names_in(home / "runtime").empty(); }, "the job's directory goes");
}

TEST_F(Signalled, KilledByTheVeryPodmanThatItStartsItLeavesNothingAllTheSame) {
    podman.on("run", "exec sleep 60");
    // A podman that begins in the moment in which its wrapper ends, and says who it is before that: it may be
    // ended at once.
    home.file("podman",
              "#!/bin/sh\ncase \" $* \" in *\" run \"*) echo $$ >" + home / "podman.pid" +
                  "; kill -KILL $PPID;; esac\n. " + home.file("dispatcher", test::content_of(podman.path())) +
                  "\n",
              0755);
    for (int i = 0; i < 10; ++i) {
        std::filesystem::remove(home / "podman.pid");
        start().end();
        EXPECT_TRUE(ends(process_of("podman.pid"))) << "podman runs on";
    }
    wait_until([&] { return test::names_in(home / "runtime").empty(); }, "the job's directory goes");
}

}  // namespace
}  // namespace mpi_podman
