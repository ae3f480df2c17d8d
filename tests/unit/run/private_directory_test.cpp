// Which directories nobody else can put another in the place of.
#include "run/private_directory.hpp"

#include <gtest/gtest.h>
#include <sys/stat.h>
#include <unistd.h>

#include "unit/child_process.hpp"
#include "unit/temporary_directory.hpp"

namespace mpi_podman {
namespace {

using std::filesystem::create_symlink;
using std::filesystem::exists;

class Base : public testing::Test {
protected:
    test::TemporaryDirectory home;
};

TEST_F(Base, IsMadeBelowADirectoryOfOurs) {
    EXPECT_EQ(make_base(home / "base"), home / "base");
    EXPECT_EQ(make_base(home / "base"), home / "base");
    remove_base(home / "base");
    EXPECT_FALSE(exists(home / "base"));
}

TEST_F(Base, InTheCacheIsMadeWithWhatIsAboveAndGoesWithTheFolderOfHosts) {
    EXPECT_EQ(make_base(home / ".cache/mpi-podman/node1"), home / ".cache/mpi-podman/node1");
    remove_base(home / ".cache/mpi-podman/node1");
    EXPECT_FALSE(exists(home / ".cache/mpi-podman"));
    EXPECT_TRUE(exists(home / ".cache"));
}

TEST_F(Base, InTheCacheIsMadeAlsoWhereAnotherHostRemovesTheFolder) {
    const auto missed = [&](const std::string& base) {
        int count = 0;
        for (int i = 0; i < 300; ++i) {
            count += make_base(base).empty() ? 1 : 0;
            remove_base(base);
        }
        return count;
    };
    const auto other =
        test::start_child([&] { return missed(home / ".cache/mpi-podman/node2") > 0 ? 1 : 0; });
    EXPECT_EQ(missed(home / ".cache/mpi-podman/node1"), 0);
    EXPECT_EQ(test::end_of_child(other), 0);
    EXPECT_FALSE(exists(home / ".cache/mpi-podman"));
}

TEST_F(Base, IsForThisUserAloneWithWhatIsMadeAboveItWhateverTheUmask) {
    for (const mode_t mask : {0000U, 0077U, 0777U}) {
        const auto place = home / std::to_string(mask);
        const auto before = ::umask(mask);
        EXPECT_EQ(make_base(place + "/deep/mpi-podman/node1"), place + "/deep/mpi-podman/node1");
        ::umask(before);
        for (const auto* made : {"", "/deep", "/deep/mpi-podman", "/deep/mpi-podman/node1"}) {
            struct stat info {};
            ASSERT_EQ(::stat((place + made).c_str(), &info), 0);
            EXPECT_EQ(info.st_mode & 0777U, 0700U) << made << " with umask " << std::oct << mask;
        }
    }
}

TEST_F(Base, IsRefusedBelowADirectoryThatOthersCanWrite) {
    const auto open = home.directory("open/below");
    ::chmod((home / "open").c_str(), 0777);
    EXPECT_EQ(make_base(open + "/base"), "");
    EXPECT_FALSE(exists(open + "/base"));
    ::chmod((home / "open").c_str(), 01777);
    EXPECT_EQ(make_base(open + "/base"), open + "/base") << "sticky, as /tmp";
}

TEST_F(Base, IsRefusedBelowADirectoryOfAnotherUser) {
    if (::geteuid() != 0) {
        GTEST_SKIP() << "needs root";
    }
    const auto theirs = home.directory("theirs");
    ASSERT_EQ(::chown(theirs.c_str(), 12345, 12345), 0);
    EXPECT_EQ(make_base(theirs + "/base"), "");
    static_cast<void>(home.directory("theirs/base"));
    EXPECT_EQ(make_base(theirs + "/base"), "");
}

TEST_F(Base, IsWhereAContainersRootCanHideIt) {
    if (::geteuid() != 0) {
        GTEST_SKIP() << "needs root";
    }
    const auto of_slurmd = home.directory("pmix.1.0");
    const auto make = [&](gid_t group, mode_t mode) {
        EXPECT_EQ(::chown(of_slurmd.c_str(), ::geteuid(), group), 0);
        ::chmod(of_slurmd.c_str(), mode);
        return make_base(of_slurmd + "/mpi-podman");
    };
    constexpr gid_t strange = 12345;
    EXPECT_EQ(make(strange, 0770), "") << "the group has a part in it";
    EXPECT_EQ(make(strange, 0711), of_slurmd + "/mpi-podman");
    EXPECT_EQ(make(strange, 0700), of_slurmd + "/mpi-podman");
    struct stat info {};
    ASSERT_EQ(::stat(of_slurmd.c_str(), &info), 0);
    EXPECT_EQ(info.st_gid, ::getegid());
}

TEST_F(Base, IsNamedWithoutLinksAndIsNoneItself) {
    static_cast<void>(home.directory("real"));
    create_symlink(home / "real", home / "link");
    EXPECT_EQ(make_base(home / "link/base"), home / "real/base");
    create_symlink(home / "real", home / "real/other");
    EXPECT_EQ(make_base(home / "link/other"), "");
}

TEST_F(Base, IsRefusedWhereTheFolderOfHostsIsALink) {
    static_cast<void>(home.directory(".cache"));
    static_cast<void>(home.directory("trap"));
    create_symlink(home / "trap", home / ".cache/mpi-podman");
    EXPECT_EQ(make_base(home / ".cache/mpi-podman/node1"), "");
    EXPECT_TRUE(std::filesystem::is_empty(home / "trap"));
}

TEST_F(Base, IsTightenedWhereOthersCouldReadItAndRefusedWhereTheyCouldWriteToIt) {
    const auto base = home.directory("base");
    ::chmod(base.c_str(), 0755);
    EXPECT_EQ(make_base(base), base);
    struct stat info {};
    ASSERT_EQ(::stat(base.c_str(), &info), 0);
    EXPECT_EQ(info.st_mode & 0777U, 0700U);
    for (const mode_t open : {0720U, 0702U, 01777U}) {
        ::chmod(base.c_str(), open);
        EXPECT_EQ(make_base(base), "") << std::oct << open;
    }
}

TEST(PrivateDirectory, IsNoneWhereAnyPartOfItsPathIsALink) {
    const test::TemporaryDirectory home;
    static_cast<void>(home.directory("real/own"));
    create_symlink(home / "real", home / "link");
    create_symlink(home / "real/own", home / "real/last");
    EXPECT_EQ(make_private(home / "real/own"), Made::before);
    EXPECT_EQ(make_private(home / "link/own"), Made::no);
    EXPECT_EQ(make_private(home / "link/new"), Made::no);
    EXPECT_EQ(make_private(home / "real/last"), Made::no);
}

TEST_F(Base, IsRefusedWhereThereIsNothingAbove) { EXPECT_EQ(make_base(home / "none/base"), ""); }

}  // namespace
}  // namespace mpi_podman
