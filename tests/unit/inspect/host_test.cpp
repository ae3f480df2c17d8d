#include "inspect/host.hpp"

#include <fcntl.h>
#include <gtest/gtest.h>
#include <sys/resource.h>
#include <sys/stat.h>

#include <cstdlib>

#include "unit/child_process.hpp"
#include "unit/temporary_directory.hpp"

namespace mpi_podman {
namespace {

using test::in_child;
using test::TemporaryDirectory;

TEST(HostFacts, AreThoseOfThisProcess) {
    const auto facts = host_facts({});
    ASSERT_TRUE(facts);
    EXPECT_EQ(facts->uid, ::geteuid());
    EXPECT_EQ(facts->pid, ::getpid());
    EXPECT_TRUE(facts->present.empty());
    EXPECT_NE(facts->hostname, "");
}

TEST(HostFacts, TellWhichOfThePathsExist) {
    const TemporaryDirectory here;
    const auto file = here.file("file");
    const auto directory = here.directory("directory");
    std::filesystem::create_symlink("/no/such", here / "broken");
    const auto facts = host_facts({file, directory, here / "none", here / "broken"});
    ASSERT_TRUE(facts);
    EXPECT_EQ(facts->present, (std::set<std::string>{file, directory}));
}

TEST(HostFacts, TellByWhichOtherNameTheCurrentDirectoryIsKnown) {
    const TemporaryDirectory here;
    const auto real = std::filesystem::canonical(here.directory("real")).string();
    const auto link = here / "link";
    std::filesystem::create_directory_symlink(real, link);
    struct Case {
        std::string name, known;
    };
    for (const auto& [name, known] :
         {Case{link, link}, {real, ""}, {here / "gone", ""}, {"/", ""}, {".", ""}}) {
        EXPECT_EQ(in_child([&] {
                      ::setenv("PWD", name.c_str(), 1);
                      std::filesystem::current_path(link);
                      const auto facts = host_facts({});
                      return facts && facts->cwd == real && facts->cwd_by_name == known ? 0 : 1;
                  }),
                  0)
            << name;
    }
    const auto home = here / "home";
    std::filesystem::create_directory_symlink(here.path(), home);
    EXPECT_EQ(in_child([&] {
                  ::setenv("PWD", real.c_str(), 1);
                  ::setenv("HOME", home.c_str(), 1);
                  std::filesystem::current_path(real);
                  const auto facts = host_facts({});
                  return facts && facts->cwd_by_name == home + "/real" ? 0 : 1;
              }),
              0);
}

TEST(HostFacts, LookForRelativePathsInTheCurrentDirectory) {
    const TemporaryDirectory here;
    here.file("ring");
    EXPECT_EQ(in_child([&] {
                  ::chdir(here.path().c_str());
                  return host_facts({"./ring", "./rang"})->present == std::set<std::string>{"./ring"} ? 0 : 1;
              }),
              0);
}

TEST(HostFacts, HaveThePhysicalDirectory) {
    const TemporaryDirectory here;
    const auto real = std::filesystem::canonical(here.directory("real")).string();
    std::filesystem::create_directory_symlink(real, here / "link");
    EXPECT_EQ(in_child([&] {
                  ::chdir((here / "link").c_str());
                  ::setenv("PWD", (here / "link").c_str(), 1);
                  return host_facts({})->cwd == real ? 0 : 1;
              }),
              0);
}

TEST(HostFacts, FailWhereTheCurrentDirectoryIsGone) {
    const TemporaryDirectory here;
    const auto gone = here.directory("gone");
    EXPECT_EQ(in_child([&] {
                  ::chdir(gone.c_str());
                  ::rmdir(gone.c_str());
                  const auto facts = host_facts({});
                  return !facts &&
                                 facts.error().message ==
                                     "the current directory is gone or unreachable: No such file or directory"
                             ? 0
                             : 1;
              }),
              0);
}

TEST(HostFacts, ReadTheUmaskAndLeaveItAlone) {
    EXPECT_EQ(in_child([] {
                  ::umask(0027);
                  const auto facts = host_facts({});
                  return facts->umask == 0027 && ::umask(0) == 0027 ? 0 : 1;
              }),
              0);
}

TEST(HostFacts, HaveTheLimitsPodmanWouldRaise) {
    EXPECT_EQ(in_child([] {
                  const rlimit files{256, 512};
                  ::setrlimit(RLIMIT_NOFILE, &files);
                  const auto limits = host_facts({})->limits;
                  return limits.size() == 2 && limits[0] == Limit{"nofile", "256", "512"} &&
                                 limits[1].name == "nproc"
                             ? 0
                             : 1;
              }),
              0);
}

TEST(HostFacts, WriteNoLimitAsMinusOne) {
    EXPECT_EQ(in_child([] {
                  rlimit processes{};
                  ::getrlimit(RLIMIT_NPROC, &processes);
                  processes.rlim_cur = 4000;
                  ::setrlimit(RLIMIT_NPROC, &processes);
                  const auto hard =
                      processes.rlim_max == RLIM_INFINITY ? "-1" : std::to_string(processes.rlim_max);
                  return host_facts({})->limits.at(1) == Limit{"nproc", "4000", hard} ? 0 : 1;
              }),
              0);
}

/// What host_facts() says of stdin and stdout where both lead to `fd`.
int streams_are(int fd, Stream expected) {
    return in_child([&] {
        if (fd < 0) {
            ::close(STDIN_FILENO);
            ::close(STDOUT_FILENO);
        } else {
            ::dup2(fd, STDIN_FILENO);
            ::dup2(fd, STDOUT_FILENO);
        }
        const auto facts = host_facts({});
        return facts->in == expected && facts->out == expected ? 0 : 1;
    });
}

TEST(HostFacts, KnowWhatTheStreamsLeadTo) {
    const TemporaryDirectory here;
    const int null = ::open("/dev/null", O_RDWR | O_CLOEXEC);
    const int zero = ::open("/dev/zero", O_RDWR | O_CLOEXEC);
    const int file = ::open(here.file("file").c_str(), O_RDWR | O_CLOEXEC);
    const int terminal = ::posix_openpt(O_RDWR | O_NOCTTY | O_CLOEXEC);
    ASSERT_GE(terminal, 0);
    EXPECT_EQ(streams_are(null, Stream::null), 0);
    EXPECT_EQ(streams_are(zero, Stream::other), 0);
    EXPECT_EQ(streams_are(file, Stream::other), 0);
    EXPECT_EQ(streams_are(terminal, Stream::terminal), 0);
    EXPECT_EQ(streams_are(-1, Stream::closed), 0);
    for (const int fd : {null, zero, file, terminal}) {
        ::close(fd);
    }
}

}  // namespace
}  // namespace mpi_podman
