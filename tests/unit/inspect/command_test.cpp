#include "inspect/command.hpp"

#include <gtest/gtest.h>
#include <poll.h>
#include <sys/resource.h>

#include <csignal>

#include "sys/process.hpp"
#include "unit/child_process.hpp"
#include "unit/temporary_directory.hpp"

namespace mpi_podman {
namespace {

using namespace std::chrono_literals;
using test::TemporaryDirectory;

Result<Answer> ask_shell(const std::string& script, std::chrono::seconds limit = 60s) {
    return ask({"/bin/sh", "-c", script}, limit);
}

TEST(Ask, ReturnsStatusAndBothOutputsApart) {
    const auto answer = ask_shell("echo out; echo err >&2; exit 3");
    ASSERT_TRUE(answer) << answer.error().message;
    EXPECT_EQ(answer->status, 3);
    EXPECT_EQ(answer->out, "out\n");
    EXPECT_EQ(answer->err, "err\n");
}

TEST(Ask, ReturnsWhatSignalEndedIt) {
    EXPECT_EQ(ask_shell("kill -TERM $$")->status, 128 + SIGTERM);
    EXPECT_EQ(ask_shell("kill -KILL $$")->status, 128 + SIGKILL);
}

TEST(Ask, LooksANameUpInPathAndPassesArgumentsUntouched) {
    EXPECT_EQ(ask({"printf", "<%s>", "", "a b", "$x", "'\""}, 60s)->out, "<><a b><$x><'\">");
}

TEST(Ask, GivesNoInput) { EXPECT_EQ(ask({"cat"}, 60s)->out, ""); }

TEST(Ask, KeepsAMegabyteOfEachOutput) {
    const auto answer =
        ask_shell("head -c 1000000 /dev/zero | tr '\\0' a; head -c 1000000 /dev/zero | tr '\\0' b >&2");
    ASSERT_TRUE(answer);
    EXPECT_TRUE(answer->out == std::string(1000000, 'a'));
    EXPECT_TRUE(answer->err == std::string(1000000, 'b'));
}

TEST(Ask, FailsNamingWhatIsMissing) {
    const auto name = ask({"mpi-podman-no-such-name"}, 60s);
    ASSERT_FALSE(name);
    EXPECT_EQ(name.error().status, Status::ours);
    EXPECT_EQ(name.error().message, "mpi-podman-no-such-name was not found in PATH");
    EXPECT_EQ(name.error().hint, "install podman 4.3 or newer, or give --podman PATH");
    const auto path = ask({"/no/such/podman"}, 60s);
    ASSERT_FALSE(path);
    EXPECT_EQ(path.error().status, Status::ours);
    EXPECT_NE(path.error().message.find("/no/such/podman"), std::string::npos) << path.error().message;
}

TEST(Ask, FailsNamingWhatCannotBeExecuted) {
    const TemporaryDirectory here;
    const auto path = here.file("podman", "#!/bin/sh\n", 0644);
    const auto answer = ask({path}, 60s);
    ASSERT_FALSE(answer);
    EXPECT_EQ(answer.error().status, Status::ours);
    EXPECT_NE(answer.error().message.find(path), std::string::npos) << answer.error().message;
    EXPECT_NE(answer.error().message.find("Permission denied"), std::string::npos) << answer.error().message;
}

TEST(Ask, FailsNamingTheLimitThatKeptItFromStarting) {
    rlimit before{};
    ::getrlimit(RLIMIT_NOFILE, &before);
    const rlimit none{0, before.rlim_max};
    ::setrlimit(RLIMIT_NOFILE, &none);
    const auto answer = ask({"/bin/true"}, 60s);
    ::setrlimit(RLIMIT_NOFILE, &before);
    ASSERT_FALSE(answer);
    EXPECT_EQ(answer.error().status, Status::ours);
    EXPECT_NE(answer.error().message.find("Too many open files"), std::string::npos)
        << answer.error().message;
    EXPECT_EQ(answer.error().hint, "raise the limit: ulimit -n");
}

TEST(Ask, FailsWhereGoFoundNoThread) {
    const auto answer =
        ask_shell("echo runtime/cgo: pthread_create failed: Resource temporarily unavailable >&2; exit 2");
    ASSERT_FALSE(answer);
    EXPECT_EQ(answer.error().message, "podman cannot start its threads: the limit of processes is reached");
    EXPECT_TRUE(answer.error().passes);
}

TEST(Ask, FailsWhereGoFoundNoProcess) {
    const auto answer =
        ask_shell("echo 'Error: fork/exec /usr/bin/conmon: resource temporarily unavailable' >&2; exit 126");
    ASSERT_FALSE(answer);
    EXPECT_EQ(answer.error().message, "podman cannot start its processes: the limit of processes is reached");
    EXPECT_TRUE(answer.error().passes);
}

TEST(Ask, KillsWhatGivesNoAnswerInTime) {
    const TemporaryDirectory here;
    const auto answer = ask_shell("echo $$ >" + here / "pid" + "; exec sleep 60", 1s);
    ASSERT_FALSE(answer);
    EXPECT_EQ(answer.error().status, Status::ours);
    EXPECT_EQ(answer.error().message, "/bin/sh gave no answer within 1 s");
    const Fd process = pidfd_of(std::stoi(test::content_of(here / "pid")));
    pollfd ended{process.get(), POLLIN, 0};
    EXPECT_TRUE(!process || ::poll(&ended, 1, 10000) == 1) << "it still runs";
}

TEST(Ask, IsBoundedAlsoWhereTheOutputsAreClosedAtOnce) {
    EXPECT_FALSE(ask_shell("exec >&- 2>&-; exec sleep 4", 1s));
}

TEST(Ask, StartsTheCommandWithNoSignalBlocked) {
    EXPECT_EQ(
        test::in_child([] {
            sigset_t all;
            ::sigfillset(&all);
            ::sigprocmask(SIG_BLOCK, &all, nullptr);
            ::signal(SIGPIPE, SIG_IGN);
            const auto answer = ask({"grep", "-E", "^Sig(Blk|Ign)", "/proc/self/status"}, 60s);
            return answer && answer->out == "SigBlk:\t0000000000000000\nSigIgn:\t0000000000000000\n" ? 0 : 1;
        }),
        0);
}

TEST(LastLine, IsTheLastThatSaysSomething) {
    EXPECT_EQ(last_line("only"), "only");
    EXPECT_EQ(last_line("first\n\nError: last\n\n"), "Error: last");
    EXPECT_EQ(last_line("\nlast"), "last");
}

TEST(LastLine, IsEmptyWhereNothingWasSaid) {
    EXPECT_EQ(last_line(""), "");
    EXPECT_EQ(last_line("\n\n"), "");
}

}  // namespace
}  // namespace mpi_podman
