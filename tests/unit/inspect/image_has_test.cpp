#include "inspect/image.hpp"
#include "unit/layers.hpp"

namespace mpi_podman {
namespace {

using ImageHas = test::Layers;

TEST_F(ImageHas, WhatAnyLayerHas) {
    file("upper", "/usr/bin/a");
    file("lower", "/usr/bin/b");
    directory("lower", "/empty");
    EXPECT_TRUE(image_has(all(), "/usr/bin/a"));
    EXPECT_TRUE(image_has(all(), "/usr/bin/b"));
    EXPECT_TRUE(image_has(all(), "/empty"));
    EXPECT_TRUE(image_has(all(), "/"));
    EXPECT_FALSE(image_has(all(), "/usr/bin/c"));
    EXPECT_FALSE(image_has(all(), "/usr/bin/a/below-a-file"));
}

TEST_F(ImageHas, NothingWithoutLayers) {
    EXPECT_FALSE(image_has({}, "/etc/passwd"));
    EXPECT_FALSE(image_has({"/no/such/layer"}, "/etc/passwd"));
}

TEST_F(ImageHas, NotWhatAWhiteoutDeletes) {
    file("lower", "/opt/a");
    file("lower", "/opt/b");
    file("lower", "/srv/deep/c");
    whiteout("upper", "/opt/a");
    whiteout("upper", "/srv");
    EXPECT_FALSE(image_has(all(), "/opt/a"));
    EXPECT_TRUE(image_has(all(), "/opt/b"));
    EXPECT_FALSE(image_has(all(), "/srv/deep/c"));
    EXPECT_FALSE(image_has(all(), "/srv"));
}

TEST_F(ImageHas, WhatStandsAboveAWhiteout) {
    whiteout("lower", "/opt/a");
    file("upper", "/opt/a");
    EXPECT_TRUE(image_has(all(), "/opt/a"));
}

TEST_F(ImageHas, NotWhatAnOpaqueDirectoryHides) {
    file("lower", "/opt/mpi/old");
    file("lower", "/opt/other");
    opaque("upper", "/opt/mpi");
    file("upper", "/opt/mpi/new");
    EXPECT_TRUE(image_has(all(), "/opt/mpi/new"));
    EXPECT_FALSE(image_has(all(), "/opt/mpi/old"));
    EXPECT_TRUE(image_has(all(), "/opt/mpi"));
    EXPECT_TRUE(image_has(all(), "/opt/other"));
}

TEST_F(ImageHas, NotWhatAFileInADirectorysPlaceHides) {
    file("lower", "/opt/mpi/lib");
    file("upper", "/opt/mpi");
    EXPECT_TRUE(image_has(all(), "/opt/mpi"));
    EXPECT_FALSE(image_has(all(), "/opt/mpi/lib"));
}

TEST_F(ImageHas, WhatLinksLeadTo) {
    file("lower", "/usr/lib/libx.so.1.2");
    link("lower", "/usr/lib/libx.so.1", "libx.so.1.2");
    link("upper", "/lib", "usr/lib");
    link("upper", "/absolute", "/lib/libx.so.1");
    link("upper", "/usr/up", "../lib/../lib");
    EXPECT_TRUE(image_has(all(), "/usr/lib/libx.so.1"));
    EXPECT_TRUE(image_has(all(), "/lib/libx.so.1"));
    EXPECT_TRUE(image_has(all(), "/absolute"));
    EXPECT_TRUE(image_has(all(), "/usr/up"));
}

TEST_F(ImageHas, NotWhatLinksLeadNowhere) {
    link("upper", "/broken", "no/such");
    link("upper", "/loop", "/loop2");
    link("upper", "/loop2", "loop");
    link("upper", "/self/self", "self");
    EXPECT_FALSE(image_has(all(), "/broken"));
    EXPECT_FALSE(image_has(all(), "/loop"));
    EXPECT_FALSE(image_has(all(), "/loop/x"));
    EXPECT_FALSE(image_has(all(), "/self/self/self"));
}

TEST_F(ImageHas, NothingOfTheHost) {
    home.file("secret");  // beside the layers
    link("upper", "/by-link", home / "secret");
    link("upper", "/by-dots", "../secret");
    link("upper", "/deep/by-dots", "../../../secret");
    link("upper", "/to-host", home.path());
    EXPECT_FALSE(image_has(all(), "/by-link"));
    EXPECT_FALSE(image_has(all(), "/by-dots"));
    EXPECT_FALSE(image_has(all(), "/deep/by-dots"));
    EXPECT_FALSE(image_has(all(), "/to-host/secret"));
    EXPECT_FALSE(image_has(all(), "/../secret"));
    EXPECT_FALSE(image_has(all(), "/../../secret"));
}

TEST_F(ImageHas, AtItsRootWhatDotsClimbAbove) {
    file("lower", "/etc/inside");
    link("upper", "/link", "../../../etc/inside");
    EXPECT_TRUE(image_has(all(), "/link"));
    EXPECT_TRUE(image_has(all(), "/../etc/inside"));
}

TEST_F(ImageHas, ALinkOfTheUpperLayerInPlaceOfALowerDirectory) {
    file("lower", "/opt/mpi/lib/libmpi.so.40");
    file("lower", "/opt/mpi-5/lib/libmpi.so.40.40");
    link("upper", "/opt/current", "mpi");
    whiteout("upper", "/opt/mpi");
    EXPECT_FALSE(image_has(all(), "/opt/current/lib/libmpi.so.40"));
    EXPECT_TRUE(image_has(all(), "/opt/mpi-5/lib/libmpi.so.40.40"));
}

using ImageMpiOf = test::Layers;

TEST_F(ImageMpiOf, ADistributionsDirectories) {
    file("lower", "/usr/lib/x86_64-linux-gnu/libmpi.so.40");
    EXPECT_EQ(image_mpi(all(), {}), (ImageMpi{"/usr/lib/x86_64-linux-gnu/libmpi.so.40", "", "libmpi.so.40"}));
    file("upper", "/usr/lib64/mpich/lib/libmpi.so.12");
    EXPECT_EQ(image_mpi(all(), {}), (ImageMpi{"/usr/lib/x86_64-linux-gnu/libmpi.so.40",
                                              "/usr/lib64/mpich/lib/libmpi.so.12", "libmpi.so.40"}));
}

TEST_F(ImageMpiOf, NoMpi) {
    file("lower", "/usr/lib/libmpi.so.20");
    file("lower", "/usr/lib/libmpi.so");
    link("lower", "/usr/lib/libmpi.so.40", "libmpi.so.40.30.4");  // whose target is not installed
    EXPECT_EQ(image_mpi(all(), {"PATH=/usr/bin:/bin"}), ImageMpi{});
    EXPECT_EQ(image_mpi({}, {}), ImageMpi{});
}

TEST_F(ImageMpiOf, DirectoriesThatTheImagesEnvironmentNames) {
    file("lower", "/srv/ompi/lib/libmpi.so.40");
    directory("lower", "/srv/ompi/bin");
    file("lower", "/srv/mpich/lib64/libmpich.so.12");
    directory("lower", "/srv/mpich/bin");
    EXPECT_EQ(image_mpi(all(), {}), ImageMpi{});
    EXPECT_EQ(image_mpi(all(), {"LD_LIBRARY_PATH=/none::/srv/ompi/lib"}),
              (ImageMpi{"/srv/ompi/lib/libmpi.so.40", "", "libmpi.so.40"}));
    EXPECT_EQ(image_mpi(all(), {"PATH=/srv/ompi/bin:/srv/mpich/bin"}),
              (ImageMpi{"/srv/ompi/lib/libmpi.so.40", "/srv/mpich/lib64/libmpich.so.12", "libmpi.so.40"}));
    EXPECT_EQ(image_mpi(all(), {"MANPATH=/srv/ompi/lib", "NOTHING"}), ImageMpi{});
}

TEST_F(ImageMpiOf, PlacesOfTheirOwnWhereThereIsNoOther) {
    file("lower", "/opt/ompi/lib/libmpi.so.40");
    EXPECT_EQ(image_mpi(all(), {}).open_mpi, "/opt/ompi/lib/libmpi.so.40");
    file("lower", "/usr/local/mpich/4.2/lib64/libmpi.so.12");
    EXPECT_EQ(image_mpi(all(), {}).mpich, "/usr/local/mpich/4.2/lib64/libmpi.so.12");
    file("lower", "/usr/lib/libmpi.so.40");
    EXPECT_EQ(image_mpi(all(), {}), (ImageMpi{"/usr/lib/libmpi.so.40", "", "libmpi.so.40"}));
}

TEST_F(ImageMpiOf, TheEnvironmentsDirectoryBeforeTheDistributions) {
    file("lower", "/usr/lib64/libmpi.so.40");
    file("lower", "/opt/ompi/lib/libmpi.so.40");
    EXPECT_EQ(image_mpi(all(), {"LD_LIBRARY_PATH=/opt/ompi/lib"}).open_mpi, "/opt/ompi/lib/libmpi.so.40");
}

}  // namespace
}  // namespace mpi_podman
