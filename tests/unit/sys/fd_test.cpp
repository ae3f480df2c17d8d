#include "sys/fd.hpp"

#include <fcntl.h>
#include <gtest/gtest.h>
#include <sys/resource.h>
#include <sys/stat.h>

#include <csignal>
#include <utility>

#include "unit/child_process.hpp"
#include "unit/temporary_directory.hpp"

namespace mpi_podman {
namespace {

using test::in_child;
using test::TemporaryDirectory;

bool is_open(int fd) { return ::fcntl(fd, F_GETFD) != -1; }
bool is_close_on_exec(int fd) { return (::fcntl(fd, F_GETFD) & FD_CLOEXEC) != 0; }
int open_null() { return ::open("/dev/null", O_RDWR | O_CLOEXEC); }

TEST(Fd, ClosesWhatItOwnsWhenItGoes) {
    const int number = open_null();
    { const Fd fd(number); }
    EXPECT_FALSE(is_open(number));
}

TEST(Fd, HoldsNoneByDefault) {
    const Fd fd;
    EXPECT_EQ(fd.get(), -1);
    EXPECT_FALSE(fd);
}

TEST(Fd, MovesItsOnlyOwnership) {
    const int number = open_null();
    Fd first(number);
    Fd second(std::move(first));
    EXPECT_EQ(first.get(), -1);  // NOLINT(bugprone-use-after-move): the contract
    EXPECT_EQ(second.get(), number);
    EXPECT_TRUE(is_open(number));
}

TEST(Fd, ClosesWhatItOwnedWhenAnotherIsMovedIn) {
    const int old_number = open_null();
    const int new_number = open_null();
    Fd fd(old_number);
    fd = Fd(new_number);
    EXPECT_FALSE(is_open(old_number));
    EXPECT_EQ(fd.get(), new_number);
    EXPECT_TRUE(is_open(new_number));
}

TEST(Fd, SurvivesBeingMovedIntoItself) {
    Fd fd(open_null());
    Fd& same = fd;
    fd = std::move(same);
    EXPECT_TRUE(is_open(fd.get()));
}

TEST(Fd, ResetClosesAndForgets) {
    const int number = open_null();
    Fd fd(number);
    fd.reset();
    EXPECT_FALSE(is_open(number));
    EXPECT_FALSE(fd);
}

TEST(Pipe, CarriesBytesAndIsCloseOnExecAtBothEnds) {
    auto pipe = make_pipe();
    ASSERT_TRUE(pipe);
    EXPECT_TRUE(is_close_on_exec(pipe->read_end.get()));
    EXPECT_TRUE(is_close_on_exec(pipe->write_end.get()));
    ASSERT_TRUE(write_all(pipe->write_end.get(), "abc"));
    char got[4] = {};
    EXPECT_EQ(::read(pipe->read_end.get(), got, sizeof got), 3);
    EXPECT_STREQ(got, "abc");
}

TEST(KeepFromExec, MarksEveryFdFromThreeOnAndNoStream) {
    EXPECT_EQ(
        in_child([] {
            const int low = ::dup2(STDERR_FILENO, 3);
            const int high = ::dup2(STDERR_FILENO, 200);
            const bool open_to_exec_before = !is_close_on_exec(low) && !is_close_on_exec(high);
            keep_from_exec();
            const bool streams = is_close_on_exec(0) || is_close_on_exec(1) || is_close_on_exec(2);
            return open_to_exec_before && is_close_on_exec(low) && is_close_on_exec(high) && !streams ? 0 : 1;
        }),
        0);
}

TEST(FillClosedStreams, OpensTheClosedOnesOnly) {
    EXPECT_EQ(in_child([] {
                  struct stat before {};
                  ::fstat(STDOUT_FILENO, &before);
                  ::close(STDIN_FILENO);
                  ::close(STDERR_FILENO);
                  fill_closed_streams();
                  struct stat after {};
                  ::fstat(STDOUT_FILENO, &after);
                  const bool usable =
                      ::write(STDERR_FILENO, "x", 1) == 1 && ::lseek(STDIN_FILENO, 0, SEEK_SET) == 0;
                  const bool inherited = !is_close_on_exec(STDIN_FILENO) && !is_close_on_exec(STDERR_FILENO);
                  return usable && inherited && before.st_ino == after.st_ino && before.st_dev == after.st_dev
                             ? 0
                             : 1;
              }),
              0);
}

/// Opens fds 3 to 9, closes all but `kept`, and tells those of 0 to 9 that are open as a mask of bits.
int open_after(const std::vector<int>& kept) {
    for (int fd = 3; fd < 10; ++fd) {
        ::dup2(STDERR_FILENO, fd);
    }
    close_all_but(kept);
    int mask = 0;
    for (int fd = 0; fd < 10; ++fd) {
        mask |= is_open(fd) ? 1 << fd : 0;
    }
    return mask;
}

TEST(CloseAllBut, ClosesAllFromThreeOnWhereNoneIsKept) {
    EXPECT_EQ(in_child([] { return open_after({}) == 0b0000000111 ? 0 : 1; }), 0);
}

TEST(CloseAllBut, KeepsTheGivenInAnyOrder) {
    EXPECT_EQ(in_child([] { return open_after({8, 3, 5}) == 0b0100101111 ? 0 : 1; }), 0);
}

TEST(CloseAllBut, TakesNeighboursAndTheSameTwice) {
    EXPECT_EQ(in_child([] { return open_after({4, 5, 5}) == 0b0000110111 ? 0 : 1; }), 0);
}

TEST(CloseAllBut, NeverTouchesTheStreams) {
    EXPECT_EQ(in_child([] { return open_after({0, 4}) == 0b0000010111 ? 0 : 1; }), 0);
    EXPECT_EQ(in_child([] { return open_after({-1, 4}) == 0b0000010111 ? 0 : 1; }), 0) << "-1 means none";
}

TEST(RaiseLimitOfFiles, MakesTheSoftOneTheHardOne) {
    EXPECT_EQ(test::in_child([] {
                  rlimit limit{16, 200};
                  ::setrlimit(RLIMIT_NOFILE, &limit);
                  raise_limit_of_files();
                  ::getrlimit(RLIMIT_NOFILE, &limit);
                  return limit.rlim_cur == 200 && limit.rlim_max == 200 ? 0 : 1;
              }),
              0);
}

TEST(ReadFile, ReturnsEveryByte) {
    const TemporaryDirectory here;
    std::string bytes(200000, 'x');
    bytes[7] = '\0';
    bytes[100000] = '\n';
    EXPECT_EQ(read_file(here.file("a", bytes)).value_or("failed"), bytes);
    EXPECT_EQ(read_file(here.file("empty")).value_or("failed"), "");
}

TEST(ReadFile, FailsNamingTheFile) {
    const TemporaryDirectory here;
    const auto missing = read_file(here / "none");
    ASSERT_FALSE(missing);
    EXPECT_EQ(missing.error().message, here / "none" + ": No such file or directory");
    const auto directory = read_file(here.path());
    ASSERT_FALSE(directory);
    EXPECT_EQ(directory.error().message, here.path() + ": Is a directory");
}

TEST(ReadAvailable, TakesWhatIsThereAndWaitsForNoMore) {
    const auto pipe = make_pipe();
    ASSERT_TRUE(pipe);
    EXPECT_EQ(read_available(pipe->read_end), "");
    const std::string words(10000, 'w');
    ASSERT_TRUE(write_all(pipe->write_end.get(), words));
    EXPECT_EQ(read_available(pipe->read_end), words);
    EXPECT_EQ(read_available(pipe->read_end), "");
}

TEST(ReadAvailable, IsNothingWhereThereIsNoFd) { EXPECT_EQ(read_available(Fd{}), ""); }

TEST(WriteAll, TellsWhenTheOtherEndIsFullOrGone) {
    const Fd full(::open("/dev/full", O_WRONLY | O_CLOEXEC));
    EXPECT_FALSE(write_all(full.get(), "x"));
    EXPECT_EQ(in_child([] {
                  ::signal(SIGPIPE, SIG_IGN);
                  auto pipe = make_pipe();
                  pipe->read_end.reset();
                  return write_all(pipe->write_end.get(), "x") ? 1 : 0;
              }),
              0);
}

TEST(WriteAll, GoesOnAfterShortWrites) {
    auto pipe = make_pipe();
    ASSERT_TRUE(pipe);
    const std::size_t size = 1000000;  // many times a pipe's buffer
    const pid_t writer = test::start_child([&] {
        pipe->read_end.reset();
        return write_all(pipe->write_end.get(), std::string(size, 'y')) ? 0 : 1;
    });
    pipe->write_end.reset();
    std::string got;
    char chunk[1000];
    for (ssize_t n = 0; (n = ::read(pipe->read_end.get(), chunk, sizeof chunk)) > 0;) {
        got.append(chunk, static_cast<std::size_t>(n));
    }
    EXPECT_EQ(test::end_of_child(writer), 0);
    EXPECT_TRUE(got == std::string(size, 'y'));
}

}  // namespace
}  // namespace mpi_podman
