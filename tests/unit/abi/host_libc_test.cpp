#include "abi/host_libc.hpp"

#include <gmock/gmock.h>

#include "unit/abi/sample_mpis.hpp"
#include "unit/built_root.hpp"

namespace mpi_podman {
namespace {

using testing::Contains;
using testing::Each;
using testing::Field;
using testing::Not;
using testing::StartsWith;

TEST(CanBringLibc, ANewerGlibcOfTheSameArchitecture) {
    const auto host = [](const std::string& libc) {
        return test::host_with(test::open_mpi("4.1.4", {40, 30, 4}), "GLIBC_2.34", libc);
    };
    EXPECT_TRUE(can_bring_libc(test::root_with({}, "2.31"), host("2.36")));
    EXPECT_FALSE(can_bring_libc(test::root_with({}, "2.36"), host("2.36")));
    EXPECT_FALSE(can_bring_libc(test::root_with({}, "2.41"), host("2.36")));
    auto musl = test::root_with({}, "1.2.3");
    musl.libc = LibcFamily::musl;
    EXPECT_FALSE(can_bring_libc(musl, host("2.36")));
    auto foreign = test::root_with({}, "2.31");
    foreign.architecture = {183, 64, true};
    EXPECT_FALSE(can_bring_libc(foreign, host("2.36")));
}

/// An image with a loader, a libc behind a link, as glibc up to 2.33 installs it, and a libm.
class LibcMounts : public test::BuiltRoot {
protected:
    LibcMounts() {
        with_loader();
        library("/lib64/libc-2.31.so", "int f(void) { return 1; }", "-nostdlib -Wl,-soname,libc.so.6");
        link("/lib64/libc.so.6", "libc-2.31.so");
        library("/lib64/libm.so.6", "int g(void) { return 1; }", "-nostdlib -Wl,-soname,libm.so.6");
        home.file("usr/lib64/gconv/gconv-modules", "");
        mounts = libc_mounts(Rootfs::host(), root(), {"", "/lib64", "/", {}});
    }
    [[nodiscard]] std::string source_of(const std::string& target) const {
        const auto found = std::ranges::find(mounts, target, &HostMount::target);
        return found == mounts.end() ? "" : found->source;
    }
    std::vector<HostMount> mounts;
};

TEST_F(LibcMounts, TheLoaderAndEachPartGoOverTheImagesFiles) {
    EXPECT_EQ(source_of(test::loader), std::filesystem::canonical(test::loader));
    EXPECT_THAT(source_of("/lib64/libc-2.31.so"), testing::EndsWith("/libc.so.6"));
    EXPECT_EQ(source_of("/lib64/libc.so.6"), "") << "a mount is at the file, not at the link";
    EXPECT_THAT(source_of("/lib64/libm.so.6"), testing::EndsWith("/libm.so.6"));
}

TEST_F(LibcMounts, WhatTheImageHasNotIsFoundWithTheHostsMpi) {
    EXPECT_THAT(source_of(std::string(host_mpi_directory) + "/libresolv.so.2"),
                testing::EndsWith("/libresolv.so.2"));
    EXPECT_THAT(mounts, Not(Contains(Field(&HostMount::target, "/lib64/libresolv.so.2"))));
}

TEST_F(LibcMounts, CharacterSetsGoWithTheirLibrary) {
    EXPECT_THAT(source_of("/usr/lib64/gconv"), testing::EndsWith("/gconv"));
    EXPECT_THAT(mounts, Each(Field(&HostMount::source, StartsWith("/"))));
}

}  // namespace
}  // namespace mpi_podman
