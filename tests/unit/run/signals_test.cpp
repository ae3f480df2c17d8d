#include "run/signals.hpp"

#include <gtest/gtest.h>
#include <unistd.h>

#include <set>

#include "unit/child_process.hpp"

namespace mpi_podman {
namespace {

using test::in_child;

constexpr int passed_on[] = {SIGTERM, SIGINT, SIGHUP, SIGQUIT, SIGUSR1, SIGUSR2, SIGCONT, SIGTSTP};

TEST(Signals, ComeAsEventsOneByOne) {
    EXPECT_EQ(in_child([] {
                  const auto signals = open_signals();
                  if (!signals || next_signal(*signals) != 0) {
                      return 1;
                  }
                  std::set<int> came;
                  for (const int number : passed_on) {
                      ::raise(number);
                      came.insert(next_signal(*signals));
                  }
                  return came == std::set<int>(std::begin(passed_on), std::end(passed_on)) &&
                                 next_signal(*signals) == 0
                             ? 0
                             : 2;
              }),
              0);
}

TEST(Signals, ThatEndTheRankAreKnownBeforeTheyAreRead) {
    EXPECT_EQ(in_child([] {
                  const auto signals = open_signals();
                  ::raise(SIGUSR1);
                  const bool before = is_asked_to_end();
                  ::raise(SIGTERM);
                  return signals && !before && is_asked_to_end() ? 0 : 1;
              }),
              0);
}

TEST(Signals, OfAReaderThatIsGoneAreIgnored) {
    EXPECT_EQ(in_child([] {
                  const auto signals = open_signals();
                  auto pipe = make_pipe();
                  pipe->read_end.reset();
                  return write_all(pipe->write_end.get(), "x") ? 1 : 0;
              }),
              0);
}

TEST(Signals, NotPassedOnKeepTheirMeaning) {
    EXPECT_EQ(in_child([] {
                  const auto signals = open_signals();
                  ::raise(SIGALRM);
                  return 0;
              }),
              128 + SIGALRM);
}

TEST(IsFatal, WhereTheLauncherMeansTheEnd) {
    for (const int number : {SIGTERM, SIGINT, SIGHUP, SIGQUIT}) {
        EXPECT_TRUE(is_fatal(number)) << number;
    }
    for (const int number : {SIGUSR1, SIGUSR2, SIGCONT, SIGTSTP, SIGWINCH, 0}) {
        EXPECT_FALSE(is_fatal(number)) << number;
    }
}

TEST(DieBy, EndsByThatSignalThoughItIsBlocked) {
    for (const int number : {SIGTERM, SIGINT, SIGHUP, SIGSEGV, SIGABRT, SIGKILL, SIGPIPE, SIGUSR1}) {
        EXPECT_EQ(in_child([&]() -> int {
                      const auto signals = open_signals();
                      die_by(number);
                  }),
                  128 + number);
    }
}

TEST(DieBy, EndsWithAStatusWhereTheSignalWouldBeIgnored) {
    EXPECT_EQ(in_child([]() -> int { die_by(SIGCHLD); }), 128 + SIGCHLD);
}

TEST(DieBy, LeavesNoCoreBesideTheRanks) {
    const pid_t pid = test::start_child([]() -> int { die_by(SIGSEGV); });
    int status = 0;
    ASSERT_EQ(::waitpid(pid, &status, 0), pid);
    EXPECT_TRUE(WIFSIGNALED(status));
    EXPECT_FALSE(WCOREDUMP(status));
}

}  // namespace
}  // namespace mpi_podman
