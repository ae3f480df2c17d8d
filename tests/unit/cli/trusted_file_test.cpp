// Whose word decides what is run: the user's own, and root's.
#include "cli/trusted_file.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <sys/stat.h>
#include <unistd.h>

#include "unit/temporary_directory.hpp"

namespace mpi_podman {
namespace {

using testing::HasSubstr;

class TrustedFile : public testing::Test {
protected:
    test::TemporaryDirectory home;
    std::string directory = home.directory(".config/mpi-podman");
    std::string file = home.file(".config/mpi-podman/config", "pull = never\n");

    void expect_refused(const std::string& what, const std::string& to_do) const {
        const auto text = read_trusted(file);
        ASSERT_FALSE(text);
        EXPECT_EQ(text.error().status, Status::ours);
        EXPECT_THAT(text.error().message, HasSubstr(what));
        EXPECT_THAT(text.error().hint, HasSubstr(to_do));
    }
};

TEST_F(TrustedFile, IsReadWhereOnlyTheUserMayChangeIt) {
    EXPECT_EQ(read_trusted(file), "pull = never\n");
    ::chmod(file.c_str(), 0664);
    EXPECT_EQ(read_trusted(file), "pull = never\n") << "the user's own group, as with umask 002";
}

TEST_F(TrustedFile, IsRefusedWhereOthersMayWriteToIt) {
    ::chmod(file.c_str(), 0646);
    expect_refused("others may write to " + file, "chmod go-w " + file);
}

TEST_F(TrustedFile, IsRefusedWhereAnybodyMayPutAnotherInItsPlace) {
    ::chmod((home / ".config").c_str(), 0777);
    expect_refused("anybody may write to " + (home / ".config"), "chmod o-w");
    ::chmod((home / ".config").c_str(), 01777);
    EXPECT_TRUE(read_trusted(file)) << "sticky: nobody can rename what is not theirs";
}

TEST_F(TrustedFile, IsLookedAtWhereALinkLeads) {
    static_cast<void>(home.directory("open"));
    std::filesystem::rename(file, home / "open/config");
    std::filesystem::create_symlink(home / "open/config", file);
    EXPECT_TRUE(read_trusted(file));
    ::chmod((home / "open").c_str(), 0777);
    expect_refused("anybody may write to " + (home / "open"), "chmod o-w");
}

TEST_F(TrustedFile, IsRefusedWhereItIsAnothersOrAGroupsOfOthers) {
    if (::geteuid() != 0) {
        GTEST_SKIP() << "needs root";
    }
    ASSERT_EQ(::chown(file.c_str(), 0, 12345), 0);
    ::chmod(file.c_str(), 0664);
    expect_refused("others may write to " + file, "chmod go-w");
    ASSERT_EQ(::chown(file.c_str(), 12345, 12345), 0);
    expect_refused(file + " is another user's", "XDG_CONFIG_HOME");
}

TEST_F(TrustedFile, IsNoFifoThatIsWaitedFor) {
    std::filesystem::remove(file);
    ASSERT_EQ(::mkfifo(file.c_str(), 0600), 0);
    EXPECT_EQ(read_trusted(file), "");
}

}  // namespace
}  // namespace mpi_podman
