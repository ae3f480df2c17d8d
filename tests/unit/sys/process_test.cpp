#include "sys/process.hpp"

#include <fcntl.h>
#include <gtest/gtest.h>
#include <poll.h>
#include <sys/resource.h>

#include <csignal>

#include "unit/child_process.hpp"
#include "unit/temporary_directory.hpp"

namespace mpi_podman {
namespace {

using test::TemporaryDirectory;

std::vector<std::string> shell(const std::string& script) { return {"/bin/sh", "-c", script}; }

Ending ending_of(const Spawn& how) {
    auto child = spawn(how);
    EXPECT_TRUE(child) << child.error().message;
    return child ? child->wait() : Ending{-1, -1};
}

/// What a shell script writes to its stdout, started with nothing but that.
std::string output_of(Spawn how) {
    const TemporaryDirectory here;
    const Fd out(::open((here / "out").c_str(), O_WRONLY | O_CREAT | O_CLOEXEC, 0600));
    how.out = out.get();
    EXPECT_EQ(ending_of(how), (Ending{0, 0}));
    return test::content_of(here / "out");
}

Fd holding(const TemporaryDirectory& here, const std::string& text) {
    return Fd(::open(here.file(text, text).c_str(), O_RDONLY | O_CLOEXEC));
}

TEST(Spawn, ReportsAnExitStatus) {
    EXPECT_EQ(ending_of({shell("exit 0")}), (Ending{0, 0}));
    EXPECT_EQ(ending_of({shell("exit 3")}), (Ending{3, 0}));
    EXPECT_EQ(ending_of({shell("exit 255")}), (Ending{255, 0}));
}

TEST(Spawn, ReportsDeathByASignal) {
    EXPECT_EQ(ending_of({shell("kill -SEGV $$")}), (Ending{0, SIGSEGV}));
    EXPECT_EQ(ending_of({shell("kill -KILL $$")}), (Ending{0, SIGKILL}));
}

TEST(Spawn, LooksANameUpInPath) { EXPECT_EQ(ending_of({{"true"}}), (Ending{0, 0})); }

TEST(Spawn, HandsArgumentsOverUntouched) {
    EXPECT_EQ(output_of({{"/usr/bin/printf", "<%s>", "", "a b", "$x", "n\nl"}}), "<><a b><$x><n\nl>");
}

TEST(Spawn, FailsWhereTheProgramIsMissing) {
    const auto child = spawn({{"/no/such/program"}});
    ASSERT_FALSE(child);
    EXPECT_EQ(child.error().status, Status::not_found);
    EXPECT_EQ(child.error().message, "/no/such/program: No such file or directory");
    EXPECT_EQ(spawn({{"mpi-podman-no-such-name"}}).error().status, Status::not_found);
}

TEST(Spawn, FailsWhereTheProgramCannotBeExecuted) {
    const TemporaryDirectory here;
    const auto plain = spawn({{here.file("text", "#!/bin/sh\n")}});
    ASSERT_FALSE(plain);
    EXPECT_EQ(plain.error().status, Status::not_runnable);
    EXPECT_EQ(plain.error().message, here / "text" + ": Permission denied");
    EXPECT_EQ(spawn({{here.path()}}).error().status, Status::not_runnable);
}

TEST(Spawn, LeavesNoChildBehindWhereExecFails) {
    EXPECT_EQ(test::in_child([] {
                  const auto failed = spawn({{"/no/such/program"}});
                  return ::waitpid(-1, nullptr, WNOHANG) == -1 && errno == ECHILD ? 0 : 1;
              }),
              0);
}

TEST(Spawn, GivesTheStreamsAndDevNullForMinusOne) {
    const TemporaryDirectory here;
    const Fd in = holding(here, "input");
    const Fd err(::open((here / "err").c_str(), O_WRONLY | O_CREAT | O_CLOEXEC, 0600));
    EXPECT_EQ(output_of({shell("cat; echo problem >&2"), in.get(), -1, err.get()}), "input");
    EXPECT_EQ(test::content_of(here / "err"), "problem\n");
    EXPECT_EQ(output_of({shell("readlink /proc/self/fd/0 /proc/self/fd/2")}), "/dev/null\n/dev/null\n");
}

TEST(Spawn, PassesFdsAsThreeAndOnInTheirOrder) {
    const TemporaryDirectory here;
    const Fd first = holding(here, "first");
    const Fd second = holding(here, "second");
    Spawn how{shell("cat <&3; echo -n ' '; cat <&4")};
    how.pass = {first.get(), second.get()};
    EXPECT_EQ(output_of(how), "first second");
}

TEST(Spawn, PassesFdsWhoseNumbersCross) {
    EXPECT_EQ(test::in_child([] {
                  const TemporaryDirectory here;
                  // 3 is to become 4 and 4 to become 3.
                  const Fd a(::fcntl(holding(here, "a").get(), F_DUPFD_CLOEXEC, 50));
                  const Fd b(::fcntl(holding(here, "b").get(), F_DUPFD_CLOEXEC, 50));
                  ::dup2(a.get(), 3);
                  ::dup2(b.get(), 4);
                  Spawn how{shell("test \"$(cat <&3)\" = b && test \"$(cat <&4)\" = a")};
                  how.pass = {4, 3};
                  auto child = spawn(how);
                  return child ? child->wait().status : 2;
              }),
              0);
}

TEST(Spawn, KeepsStreamsWhoseNumbersArePassedFdsToBe) {
    EXPECT_EQ(test::in_child([] {
                  const TemporaryDirectory here;
                  const Fd stream(::fcntl(holding(here, "stream").get(), F_DUPFD_CLOEXEC, 50));
                  ::dup2(stream.get(), 3);
                  const Fd passed(::fcntl(holding(here, "passed").get(), F_DUPFD_CLOEXEC, 50));
                  Spawn how{shell("test \"$(cat)\" = stream && test \"$(cat <&3)\" = passed"), 3};
                  how.pass = {passed.get()};
                  auto child = spawn(how);
                  return child ? child->wait().status : 2;
              }),
              0);
}

TEST(Spawn, MakesDoWithFewFds) {
    EXPECT_EQ(test::in_child([] {
                  close_all_but({});
                  const rlimit limit{16, 16};
                  ::setrlimit(RLIMIT_NOFILE, &limit);
                  const TemporaryDirectory here;
                  const Fd passed = holding(here, "passed");
                  Spawn how{shell("test \"$(cat <&3)\" = passed")};
                  how.pass = {passed.get()};
                  auto child = spawn(how);
                  return child ? child->wait().status : 2;
              }),
              0);
}

TEST(Spawn, SaysWhereThereAreTooFewFds) {
    EXPECT_EQ(test::in_child([] {
                  close_all_but({});
                  const rlimit limit{8, 8};
                  ::setrlimit(RLIMIT_NOFILE, &limit);
                  Spawn how{{"true"}};
                  how.pass = {0, 0, 0};
                  const auto child = spawn(how);
                  return !child && child.error().message.starts_with("true: ") ? 0 : 1;
              }),
              0);
}

TEST(Spawn, OpensNothingElseInTheChild) {
    const TemporaryDirectory here;
    const Fd passed = holding(here, "passed");
    const Fd other = holding(here, "other");
    keep_from_exec();  // what started this test may have left fds open
    Spawn how{shell(
        "for fd in 3 4 5 6 7 8 9 10 64 65 66 67 68 69; do test -e /proc/$$/fd/$fd && echo $fd; done; :")};
    how.pass = {passed.get()};
    EXPECT_EQ(output_of(how), "3\n");
}

TEST(Spawn, MakesAProcessGroupOnlyWhereAsked) {
    Spawn how{{"sleep", "60"}};
    auto together = spawn(how);
    ASSERT_TRUE(together);
    EXPECT_EQ(::getpgid(together->pid()), ::getpgrp());
    how.own_process_group = true;
    auto apart = spawn(how);
    ASSERT_TRUE(apart);
    EXPECT_EQ(::getpgid(apart->pid()), apart->pid());
}

TEST(Spawn, RunsCodeInTheChildBeforeItsProgram) {
    const auto pipe = make_pipe();
    Spawn how{shell("echo $$")};
    how.before_exec = [&] {
        const pid_t self = ::getpid();
        static_cast<void>(::write(pipe->write_end.get(), &self, sizeof self) == sizeof self);
    };
    const auto said = output_of(how);
    pid_t noted = 0;
    ASSERT_EQ(::read(pipe->read_end.get(), &noted, sizeof noted), static_cast<ssize_t>(sizeof noted));
    EXPECT_EQ(std::to_string(noted) + "\n", said);
}

TEST(Spawn, StartsWithNoSignalBlockedOrIgnored) {
    EXPECT_EQ(test::in_child([] {
                  sigset_t some;
                  ::sigemptyset(&some);
                  ::sigaddset(&some, SIGTERM);
                  ::sigaddset(&some, SIGUSR1);
                  ::sigprocmask(SIG_BLOCK, &some, nullptr);
                  ::signal(SIGPIPE, SIG_IGN);
                  ::signal(SIGINT, SIG_IGN);
                  const auto seen = output_of({{"grep", "-E", "^Sig(Blk|Ign)", "/proc/self/status"}});
                  return seen == "SigBlk:\t0000000000000000\nSigIgn:\t0000000000000000\n" ? 0 : 1;
              }),
              0);
}

TEST(ExecPointers, PointAtEachWordAndEndWithNull) {
    const std::vector<std::string> words{"a", "", "b c"};
    const auto pointers = exec_pointers(words);
    ASSERT_EQ(pointers.size(), 4U);
    for (std::size_t at = 0; at < words.size(); ++at) {
        EXPECT_EQ(pointers[at], words[at].c_str());
    }
    EXPECT_EQ(pointers.back(), nullptr);
    EXPECT_EQ(exec_pointers({}), std::vector<char*>{nullptr});
}

TEST(Child, IsSignalledAndItsPidfdTellsItsEnd) {
    auto child = spawn({{"sleep", "60"}});
    ASSERT_TRUE(child);
    pollfd ended{child->pidfd(), POLLIN, 0};
    EXPECT_EQ(::poll(&ended, 1, 0), 0) << "it still runs";
    child->signal(SIGTERM);
    EXPECT_EQ(::poll(&ended, 1, 10000), 1);
    EXPECT_EQ(child->wait(), (Ending{0, SIGTERM}));
}

TEST(Child, IsKilledAndReapedWithItsOwner) {
    pid_t pid = 0;
    {
        auto child = spawn({shell("trap '' TERM; while :; do sleep 60; done")});
        ASSERT_TRUE(child);
        pid = child->pid();
        const Child moved(std::move(*child));
        EXPECT_EQ(::kill(pid, 0), 0);
    }
    EXPECT_EQ(::kill(pid, 0), -1);
}

TEST(Pidfd, SignalsThatProcessOnly) {
    auto child = spawn({{"sleep", "60"}});
    ASSERT_TRUE(child);
    const Fd pidfd = pidfd_of(child->pid());
    ASSERT_TRUE(pidfd);
    EXPECT_TRUE(signal_pidfd(pidfd, SIGKILL));
    EXPECT_EQ(child->wait(), (Ending{0, SIGKILL}));
    EXPECT_FALSE(signal_pidfd(pidfd, SIGKILL)) << "it is gone";
}

TEST(Pidfd, IsEmptyForAProcessThatIsGone) {
    const pid_t pid = test::start_child([] { return 0; });
    test::end_of_child(pid);
    EXPECT_FALSE(pidfd_of(pid));
    EXPECT_FALSE(signal_pidfd(Fd(), SIGTERM));
}

}  // namespace
}  // namespace mpi_podman
