#include "abi/host_mounts.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <ostream>

#include "unit/abi/sample_mpis.hpp"
#include "unit/temporary_directory.hpp"

namespace mpi_podman {

void PrintTo(const HostMount& mount, std::ostream* out) { *out << mount.source << " at " << mount.target; }

namespace {

using testing::ElementsAre;
using testing::IsEmpty;
using testing::SizeIs;

const std::string inside = "/run/mpi-podman/host-mpi/lib/";

/// A library as the host has it: a link and its file.
UsedLibrary hosts(const std::string& name, const std::string& version) {
    auto library = test::sample_library(name, {});
    library.path = "/usr/lib/" + name;
    library.file = library.path + version;
    return {library, name, "/usr/lib/libmpi.so.40", FoundBy::cache};
}

Placement placed(const UsedLibrary& used, Keeper keeper) {
    return {used.library.soname, keeper, "", used, false};
}

HostMount at_its_own(const std::string& path) { return {path, path}; }

TEST(HostMounts, LibrariesOfTheHostByTheNamesTheyAreAskedForBy) {
    const auto mounts = host_mounts(
        {},
        {placed(hosts("libmpi.so.40", ".30.4"), Keeper::host),
         placed(hosts("libz.so.1", ".2.13"), Keeper::image), placed(hosts("libc.so.6", ""), Keeper::image)},
        {"libmpi.so.40"}, {}, {});
    EXPECT_THAT(mounts, ElementsAre(HostMount{"/usr/lib/libmpi.so.40.30.4", inside + "libmpi.so.40"}));
}

TEST(HostMounts, AllMpichsHaveEachOthersNames) {
    const std::vector placements{placed(hosts("libmpich.so.12", ".2.2"), Keeper::host)};
    EXPECT_THAT(host_mounts({}, placements, {}, {}, {}),
                ElementsAre(HostMount{"/usr/lib/libmpich.so.12.2.2", inside + "libmpich.so.12"},
                            HostMount{"/usr/lib/libmpich.so.12.2.2", inside + "libmpi.so.12"}));
    const std::vector upstream{placed(hosts("libmpi.so.12", ".3.0"), Keeper::host)};
    EXPECT_THAT(host_mounts({}, upstream, {"libmpich.so.12", "libmpi.so.40"}, {}, {}),
                ElementsAre(HostMount{"/usr/lib/libmpi.so.12.3.0", inside + "libmpi.so.12"},
                            HostMount{"/usr/lib/libmpi.so.12.3.0", inside + "libmpich.so.12"}));
}

TEST(HostMounts, PluginsAndFilesAreWhereTheyWereCompiledToBe) {
    HostMpi host;
    host.plugin_directories = {{"/usr/lib/openmpi", "libmpi", {}}};
    EXPECT_THAT(host_mounts(host, {}, {}, {"/etc/openmpi"}, {}),
                ElementsAre(at_its_own("/usr/lib/openmpi"), at_its_own("/etc/openmpi")));
}

TEST(HostMounts, APrefixThatIsALinkIsSeenByBothNames) {
    HostMpi host;
    host.plugin_directories = {{"/apps/openmpi-4.1/lib/openmpi", "libmpi", {}},
                               {"/usr/lib/ucx", "libucs", {}}};
    EXPECT_THAT(host_mounts(host, {}, {}, {}, {"/opt/openmpi", "/apps/openmpi-4.1"}),
                ElementsAre(at_its_own("/apps/openmpi-4.1/lib/openmpi"),
                            HostMount{"/apps/openmpi-4.1/lib/openmpi", "/opt/openmpi/lib/openmpi"},
                            at_its_own("/usr/lib/ucx")));
}

TEST(HostMounts, TheSamePlaceOnlyOnce) {
    const auto libmpi = placed(hosts("libmpi.so.40", ".30.4"), Keeper::host);
    EXPECT_THAT(host_mounts({}, {libmpi, libmpi}, {}, {"/etc/openmpi", "/etc/openmpi"}, {}), SizeIs(2));
}

TEST(MountsOverImage, WhatAnRpathFindsFirst) {
    const std::vector placements{placed(hosts("libmpi.so.40", ".30.4"), Keeper::host),
                                 placed(hosts("libz.so.1", ".2.13"), Keeper::image)};
    auto by_rpath = test::used(test::sample_library("libmpi.so.40", {40, 20, 3}));
    by_rpath.library.path = "/opt/openmpi/lib/libmpi.so.40";
    by_rpath.library.file = "/opt/openmpi/lib/libmpi.so.40.20.3";
    const auto images = test::used(test::sample_library("libz.so.1", {1, 2}));
    EXPECT_THAT(mounts_over_image({by_rpath, images}, placements),
                ElementsAre(HostMount{"/usr/lib/libmpi.so.40.30.4", "/opt/openmpi/lib/libmpi.so.40.20.3"}));
}

TEST(MountsOverImage, NothingWhereTheHostsAreFoundFirst) {
    auto found = test::used(test::sample_library("libmpi.so.40", {40, 30, 4}));
    found.library.path = found.library.file = inside + "libmpi.so.40";
    EXPECT_THAT(mounts_over_image({found}, {placed(hosts("libmpi.so.40", ".30.4"), Keeper::host)}),
                IsEmpty());
}

TEST(FilesOf, HelpAndParametersThatAreThere) {
    const test::TemporaryDirectory host;
    host.file("opt/ompi/share/openmpi/help.txt", "");
    host.file("opt/ompi/etc/openmpi-mca-params.conf", "");
    host.file("usr/share/openmpi/help.txt", "");
    host.file("etc/libibverbs.d/mlx5.driver", "");
    HostMpi mpi;
    mpi.mpi.family = MpiFamily::open_mpi;
    auto libmpi = hosts("libmpi.so.40", "");
    libmpi.library.file = "/opt/ompi/lib/libmpi.so.40.30.4";
    mpi.libraries = {libmpi, hosts("libibverbs.so.1", "")};
    EXPECT_THAT(
        files_of(Rootfs({host.path()}), mpi),
        ElementsAre("/opt/ompi/share/openmpi", "/opt/ompi/etc/openmpi-mca-params.conf", "/etc/libibverbs.d"));
    mpi.mpi.family = MpiFamily::mpich;
    EXPECT_THAT(files_of(Rootfs({host.path()}), mpi), ElementsAre("/etc/libibverbs.d"));
}

TEST(FilesOf, DebiansLibrariesAreInstalledBelowUsr) {
    const test::TemporaryDirectory host;
    host.file("usr/share/openmpi/help.txt", "");
    host.file("etc/openmpi/openmpi-mca-params.conf", "");
    HostMpi mpi;
    mpi.mpi.family = MpiFamily::open_mpi;
    auto libmpi = hosts("libmpi.so.40", "");
    libmpi.library.file = "/usr/lib/x86_64-linux-gnu/libmpi.so.40.30.4";
    mpi.libraries = {libmpi};
    EXPECT_THAT(files_of(Rootfs({host.path()}), mpi), ElementsAre("/usr/share/openmpi", "/etc/openmpi"));
}

}  // namespace
}  // namespace mpi_podman
