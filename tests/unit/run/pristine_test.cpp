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
        home.file("userdata/hostname", "node1");
        description.conmon = static_cast<std::uint32_t>(::getpid());
        description.at_start =
            look_at(R"({"type": "bind", "source": "/home/mpi", "destination": "/home/mpi"})");
    }
    /// A container with these mounts besides its own files.
    [[nodiscard]] AtStart look_at(const std::string& mounts) const {
        const auto config = R"({"root": {"path": ")" + (home / "overlay/id/merged") +
                            R"("}, "mounts": [{"type": "tmpfs", "source": "tmpfs", "destination": "/dev"},
                            {"type": "bind", "source": ")" +
                            (home / "userdata/hostname") + R"(", "destination": "/etc/hostname"}, )" +
                            mounts + "]}";
        return look_at_start(::getpid(), ::getpid(), config, home / "overlay-containers/id/userdata");
    }
    [[nodiscard]] bool is_kept(const Words& made = {}) const {
        std::string lines;
        for (const auto& path : made) {
            lines += path + "\n";
        }
        return !tidied(description, ::getpid(), description.at_start.files, home.file("note", lines))
                    .empty() &&
               !std::filesystem::exists(home / "note");
    }

    test::TemporaryDirectory home;
    Description description;
};

TEST_F(AContainer, IsLookedAtWhenItStarts) {
    EXPECT_EQ(description.at_start.own, (Words{home / "overlay/id/diff", home / "userdata/hostname"}));
    EXPECT_EQ(description.at_start.sources, Words{"/home/mpi"});
    EXPECT_EQ(description.at_start.images, home / "overlay-images/images.json");
    EXPECT_NE(description.at_start.images_changed, 0U);
    EXPECT_NE(description.at_start.mounts.find(" /proc\n"), std::string::npos);
    ASSERT_EQ(description.at_start.files.size(), 3U);
    EXPECT_TRUE(description.at_start.files[0].starts_with("/etc/\t"));
    EXPECT_TRUE(description.at_start.files[1].starts_with("/etc/hosts\t"));
    EXPECT_TRUE(description.at_start.files[2].starts_with((home / "userdata/hostname") + "\t"));
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

TEST_F(AContainer, IsNotKeptWhereAFileOfItsOwnChanged) {
    home.file("userdata/hostname", "other");
    EXPECT_FALSE(is_kept());
}

TEST_F(AContainer, IsNotKeptWhereThereIsNoWayToSeeWhatIsWritten) {
    EXPECT_TRUE(files_written(::getpid(), {}).empty());
    const std::string digits(64, 'a');
    EXPECT_TRUE(look_at(R"({"type": "tmpfs", "source": "tmpfs", "destination": "/scratch"})").files.empty());
    EXPECT_TRUE(look_at(R"({"type": "overlay", "source": "/data", "destination": "/data"})").files.empty());
    EXPECT_TRUE(
        look_at(R"({"type": "bind", "source": "/s/volumes/)" + digits + R"(/_data", "destination": "/d"})")
            .files.empty());
    EXPECT_FALSE(look_at(R"({"type": "bind", "source": "/s/volumes/named/_data", "destination": "/d"})")
                     .files.empty());
    for (const char* broken : {"", "[]", "{", R"({"root": 1})", R"({"root": {"path": 1}})",
                               R"({"root": {"path": "/x/vfs/dir/id"}})", R"({"mounts": [1]})"}) {
        const auto other = look_at_start(::getpid(), ::getpid(), broken, "/");
        EXPECT_TRUE(other.own.empty()) << broken;
        EXPECT_TRUE(other.files.empty()) << broken;
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
