// Whether a container is as it was before its first job. This process stands for its agent and its conmon, so
// all is seen from where we are.
#include "run/pristine.hpp"

#include <fcntl.h>
#include <gtest/gtest.h>
#include <sys/stat.h>
#include <unistd.h>

#include "unit/temporary_directory.hpp"

namespace mpi_podman {
namespace {

using Words = std::vector<std::string>;

class AContainer : public testing::Test {
protected:
    AContainer() {
        home.file("images/images.json", "[]");
        std::filesystem::rename(home / "images", home / "overlay-images");
        home.file("overlay/id/diff/etc/hosts", "127.0.0.1");
        static_cast<void>(home.directory("overlay/id/merged"));
        const auto config = R"({"root": {"path": ")" + (home / "overlay/id/merged") + R"("}})";
        description.conmon = static_cast<std::uint32_t>(::getpid());
        description.at_start =
            look_at_start(::getpid(), ::getpid(), config, home / "overlay-containers/id/userdata");
    }
    [[nodiscard]] Words files_now() const { return files_written(::getpid(), home / "overlay/id/diff"); }
    [[nodiscard]] bool is_kept(const Words& made = {}) const {
        return !tidied(description, ::getpid(), description.at_start.files, made).empty();
    }

    test::TemporaryDirectory home;
    Description description;
};

TEST_F(AContainer, IsLookedAtWhenItStarts) {
    EXPECT_EQ(description.at_start.upper, home / "overlay/id/diff");
    EXPECT_EQ(description.at_start.images, home / "overlay-images/images.json");
    EXPECT_NE(description.at_start.images_changed, 0U);
    EXPECT_NE(description.at_start.mounts.find(" /proc\n"), std::string::npos);
    ASSERT_EQ(description.at_start.files.size(), 2U);
    EXPECT_TRUE(description.at_start.files[0].starts_with("/etc/\t"));
    EXPECT_TRUE(description.at_start.files[1].starts_with("/etc/hosts\t"));
}

TEST_F(AContainer, IsKeptWhereNothingChanged) { EXPECT_TRUE(is_kept()); }

TEST_F(AContainer, IsNotKeptWhereAFileIsNewChangedOrGone) {
    home.file("overlay/id/diff/etc/new");
    EXPECT_FALSE(is_kept());
    std::filesystem::remove(home / "overlay/id/diff/etc/new");
    EXPECT_TRUE(is_kept());
    ::chmod((home / "overlay/id/diff/etc/hosts").c_str(), 0600);
    EXPECT_FALSE(is_kept());
    std::filesystem::remove(home / "overlay/id/diff/etc/hosts");
    EXPECT_FALSE(is_kept());
}

TEST_F(AContainer, IsNotKeptWhereAFileHasOtherBytesOfTheSameLengthAndTime) {
    struct stat before {};
    const auto hosts = home / "overlay/id/diff/etc/hosts";
    ASSERT_EQ(::stat(hosts.c_str(), &before), 0);
    home.file("overlay/id/diff/etc/hosts", "127.0.0.2");
    const timespec times[] = {before.st_atim, before.st_mtim};
    ASSERT_EQ(::utimensat(AT_FDCWD, hosts.c_str(), times, 0), 0);
    EXPECT_FALSE(is_kept());
}

TEST_F(AContainer, IsKeptWithTheDirectoriesAboveThoseMadeForMounts) {
    static_cast<void>(home.directory("overlay/id/diff/tmp"));
    EXPECT_FALSE(is_kept());
    EXPECT_TRUE(is_kept({"/tmp/no-such/session"}));
    EXPECT_FALSE(is_kept({"/tmpfs/no-such/session"}));
    home.file("overlay/id/diff/tmp/mine");
    EXPECT_FALSE(is_kept({"/tmp/no-such/session"}));
}

TEST_F(AContainer, LosesTheDirectoriesMadeForMounts) {
    const auto parent = home.directory("made");
    const auto child = home.directory("made/child");
    EXPECT_TRUE(is_kept({parent, child}));
    EXPECT_FALSE(std::filesystem::exists(parent));
}

TEST_F(AContainer, IsNotKeptWhereThereIsNoWayToSeeWhatIsWritten) {
    EXPECT_TRUE(files_written(::getpid(), "").empty());
    const auto other = look_at_start(::getpid(), ::getpid(), R"({"root": {"path": "/x/vfs/dir/id"}})",
                                     home / "vfs-containers/id/userdata");
    EXPECT_EQ(other.upper, "");
    EXPECT_TRUE(other.files.empty());
    for (const char* broken : {"", "[]", "{", R"({"root": 1})", R"({"root": {"path": 1}})"}) {
        EXPECT_EQ(look_at_start(::getpid(), ::getpid(), broken, "/").upper, "") << broken;
    }
}

TEST_F(AContainer, ShowsTheHostOfTodayUntilAnImageOrAMountChanges) {
    EXPECT_TRUE(shows_the_host_of_today(description, ::getpid()));
    auto moved = description;
    moved.at_start.mounts += "0:1 /run//deleted /home/mpi/run\n";
    EXPECT_FALSE(shows_the_host_of_today(moved, ::getpid()));
    home.file("overlay-images/images.json", "[{}]");
    const timespec later[] = {{2000000000, 0}, {2000000000, 0}};
    ASSERT_EQ(::utimensat(AT_FDCWD, (home / "overlay-images/images.json").c_str(), later, 0), 0);
    EXPECT_FALSE(shows_the_host_of_today(description, ::getpid()));
    std::filesystem::remove(home / "overlay-images/images.json");
    EXPECT_FALSE(shows_the_host_of_today(description, ::getpid()));
}

}  // namespace
}  // namespace mpi_podman
