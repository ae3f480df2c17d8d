#include "rootfs/rootfs.hpp"

#include <gmock/gmock.h>

#include "unit/layers.hpp"

namespace mpi_podman {
namespace {

using testing::Contains;
using testing::ElementsAre;
using testing::HasSubstr;
using testing::Optional;

class RootfsOfLayers : public test::Layers {
protected:
    [[nodiscard]] Rootfs image() const { return Rootfs(all()); }
    void write(const std::string& layer, const std::string& path, const std::string& text,
               mode_t mode = 0644) const {
        home.file(layer + path, text, mode);
    }
};

TEST_F(RootfsOfLayers, ReadsWhatTheUppermostLayerHas) {
    write("lower", "/etc/a", "below");
    write("upper", "/etc/a", "above");
    write("lower", "/etc/b", "only here");
    EXPECT_EQ(image().read("/etc/a", 100), "above");
    EXPECT_EQ(image().read("/etc/b", 100), "only here");
    EXPECT_EQ(image().read("/etc/b", 4), "only");
    EXPECT_EQ(image().host_path("/etc/b"), home / "lower/etc/b");
}

TEST_F(RootfsOfLayers, ResolvesAsTheKernelDoes) {
    file("lower", "/usr/lib/mpi/libmpi.so.40.30.4");
    link("upper", "/usr/lib/libmpi.so.40", "mpi/libmpi.so.40.30.4");
    link("lower", "/lib", "usr/lib");
    link("lower", "/current", "/usr/lib/mpi");
    EXPECT_THAT(image().resolve("/lib//./libmpi.so.40"),
                Optional(std::string("/usr/lib/mpi/libmpi.so.40.30.4")));
    // ".." is of where the link leads, not of where it stands.
    EXPECT_THAT(image().resolve("/current/../libmpi.so.40"),
                Optional(std::string("/usr/lib/mpi/libmpi.so.40.30.4")));
    EXPECT_THAT(image().resolve("/"), Optional(std::string("/")));
    EXPECT_EQ(image().resolve("/lib/libmpi.so.40/.."), std::nullopt);
    EXPECT_EQ(image().resolve("/nowhere"), std::nullopt);
}

TEST_F(RootfsOfLayers, ListsADirectoryAcrossLayers) {
    file("lower", "/lib/a");
    file("lower", "/lib/b");
    file("upper", "/lib/c");
    whiteout("upper", "/lib/b");
    link("upper", "/l", "lib");
    EXPECT_THAT(image().names_in("/l"), ElementsAre("a", "c"));
    opaque("upper", "/lib");
    EXPECT_THAT(image().names_in("/lib"), ElementsAre("c"));
    EXPECT_THAT(image().names_in("/lib/a"), ElementsAre());
    EXPECT_THAT(image().names_in("/no"), ElementsAre());
}

TEST_F(RootfsOfLayers, HeedsTheMarksOfFuseOverlayfs) {
    file("lower", "/lib/a");
    file("lower", "/opt/b");
    file("upper", "/lib/.wh.a");
    file("upper", "/opt/.wh..wh..opq");
    EXPECT_EQ(image().resolve("/lib/a"), std::nullopt);
    EXPECT_EQ(image().resolve("/opt/b"), std::nullopt);
    EXPECT_THAT(image().names_in("/lib"), ElementsAre());
}

TEST_F(RootfsOfLayers, OpensRegularFilesOnly) {
    directory("lower", "/etc");
    ASSERT_EQ(::mkfifo((home / "lower/etc/fifo").c_str(), 0600), 0);
    EXPECT_THAT(image().open("/etc/fifo").error().message, HasSubstr("no regular file"));
    EXPECT_THAT(image().open("/etc").error().message, HasSubstr("no regular file"));
    EXPECT_EQ(image().open("/etc/none").error().status, Status::not_found);
}

TEST_F(RootfsOfLayers, OpensNothingOfTheHost) {
    home.file("secret", "s");
    link("upper", "/by-link", home / "secret");
    link("upper", "/by-dots", "../../secret");
    EXPECT_FALSE(image().open("/by-link"));
    EXPECT_FALSE(image().open("/by-dots"));
    EXPECT_FALSE(image().open("/../../secret"));
}

TEST_F(RootfsOfLayers, KnowsPrograms) {
    write("lower", "/bin/ring", "", 0755);
    write("lower", "/bin/text", "", 0644);
    EXPECT_TRUE(image().is_program("/bin/ring"));
    EXPECT_FALSE(image().is_program("/bin/text"));
    EXPECT_FALSE(image().is_program("/bin"));
    EXPECT_TRUE(image().is_directory("/bin"));
    EXPECT_TRUE(image().is_directory("/"));
}

TEST_F(RootfsOfLayers, ShowsWhatIsMounted) {
    write("lower", "/etc/release", "image's");
    write("lower", "/home/old", "");
    home.file("work/ring", "mounted", 0755);
    std::filesystem::create_symlink("/etc/release", home / "work/link");
    auto image = this->image();
    image.mount("/home", home / "work");
    image.mount("/deep/in/it", home / "work");
    image.mount("/etc/one", home / "work/ring");
    EXPECT_EQ(image.read("/home/ring", 100), "mounted");
    EXPECT_EQ(image.resolve("/home/old"), std::nullopt);
    EXPECT_EQ(image.read("/deep/in/it/ring", 100), "mounted");
    EXPECT_TRUE(image.is_directory("/deep/in"));
    EXPECT_FALSE(image.is_directory("/etc/one"));
    EXPECT_EQ(image.read("/etc/one", 100), "mounted");
    EXPECT_EQ(image.read("/home/link", 100), "image's");
    EXPECT_TRUE(image.is_program("/home/ring"));
    EXPECT_THAT(image.names_in("/deep/in"), ElementsAre("it"));
    EXPECT_THAT(image.names_in("/"), Contains("deep"));
    EXPECT_EQ(image.resolve("/deep/other"), std::nullopt);
}

TEST_F(RootfsOfLayers, TellsThatAFileChanged) {
    write("lower", "/a", "1");
    const auto before = image().state("/a");
    ASSERT_TRUE(before);
    EXPECT_EQ(image().state("/a"), before);
    write("lower", "/b", "2");
    std::filesystem::rename(home / "lower/b", home / "lower/a");
    EXPECT_NE(image().state("/a"), before);
    EXPECT_EQ(image().state("/none"), std::nullopt);
}

TEST(RootfsOfTheHost, IsTheHost) {
    EXPECT_TRUE(Rootfs::host().is_program("/bin/sh"));
    EXPECT_TRUE(Rootfs::host().is_directory("/"));
    EXPECT_THAT(Rootfs::host().names_in("/"), Contains("etc"));
    EXPECT_FALSE(Rootfs({}).is_directory("/"));
}

}  // namespace
}  // namespace mpi_podman
