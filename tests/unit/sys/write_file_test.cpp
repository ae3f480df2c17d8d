#include <gtest/gtest.h>
#include <sys/resource.h>
#include <sys/stat.h>

#include <csignal>
#include <fstream>

#include "sys/fd.hpp"
#include "unit/child_process.hpp"
#include "unit/temporary_directory.hpp"

namespace mpi_podman {
namespace {

using test::content_of;
using test::names_in;
using test::TemporaryDirectory;

TEST(WriteFile, LeavesThatOneFileWithExactlyTheseBytes) {
    const TemporaryDirectory here;
    const std::string bytes("a\0b\n", 4);
    ASSERT_TRUE(write_file(here / "f", bytes));
    EXPECT_EQ(content_of(here / "f"), bytes);
    EXPECT_EQ(names_in(here.path()), std::vector<std::string>{"f"});
}

TEST(WriteFile, IsForItsOwnerAlone) {
    const TemporaryDirectory here;
    const mode_t mask = ::umask(0);
    ASSERT_TRUE(write_file(here / "f", "x"));
    ::umask(mask);
    struct stat info {};
    ASSERT_EQ(::stat((here / "f").c_str(), &info), 0);
    EXPECT_EQ(info.st_mode & 07777U, 0600U);
}

TEST(WriteFile, ReplacesALinkInsteadOfWritingThroughIt) {
    const TemporaryDirectory here;
    std::filesystem::create_symlink(here.file("target", "old"), here / "link");
    ASSERT_TRUE(write_file(here / "link", "new"));
    EXPECT_EQ(content_of(here / "target"), "old");
    EXPECT_EQ(content_of(here / "link"), "new");
    EXPECT_FALSE(std::filesystem::is_symlink(here / "link"));
}

TEST(WriteFile, FailsNamingThePathAndLeavesNothing) {
    const TemporaryDirectory here;
    std::filesystem::create_directory(here / "taken");
    const auto taken = write_file(here / "taken", "x");
    ASSERT_FALSE(taken);
    EXPECT_EQ(taken.error().message, "cannot write " + here / "taken" + ": Is a directory");
    EXPECT_EQ(names_in(here.path()), std::vector<std::string>{"taken"});
    const auto nowhere = write_file(here / "no/such", "x");
    ASSERT_FALSE(nowhere);
    EXPECT_EQ(nowhere.error().message, "cannot write " + here / "no/such" + ": No such file or directory");
}

TEST(WriteFile, FailsWhereTheDiskIsFullAndKeepsTheOldContent) {
    const TemporaryDirectory here;
    here.file("f", "old");
    EXPECT_EQ(test::in_child([&] {
                  ::signal(SIGXFSZ, SIG_IGN);
                  const rlimit most{1000, 1000};
                  ::setrlimit(RLIMIT_FSIZE, &most);
                  return write_file(here / "f", std::string(5000, 'x')) ? 1 : 0;
              }),
              0);
    EXPECT_EQ(content_of(here / "f"), "old");
    EXPECT_EQ(names_in(here.path()), std::vector<std::string>{"f"});
}

TEST(WriteFile, ShowsReadersAllOrNothing) {
    const TemporaryDirectory here;
    const std::string a(100000, 'a');
    const std::string b(100000, 'b');
    ASSERT_TRUE(write_file(here / "f", a));
    const pid_t reader = test::start_child([&] {
        while (!std::filesystem::exists(here / "done")) {
            const auto seen = content_of(here / "f");
            if (seen != a && seen != b) {
                return 1;
            }
        }
        return 0;
    });
    for (int i = 0; i < 200; ++i) {
        EXPECT_TRUE(write_file(here / "f", i % 2 == 0 ? b : a));
    }
    here.file("done");
    EXPECT_EQ(test::end_of_child(reader), 0);
}

}  // namespace
}  // namespace mpi_podman
