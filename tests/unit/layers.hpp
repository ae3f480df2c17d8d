/// Layers of an image as overlayfs keeps them, made by hand.
#pragma once

#include <gtest/gtest.h>
#include <sys/stat.h>
#include <sys/sysmacros.h>
#include <sys/xattr.h>

#include <string>
#include <vector>

#include "unit/temporary_directory.hpp"

namespace mpi_podman::test {

/// Two layers; every path is one of the image's, absolute.
class Layers : public testing::Test {
protected:
    void SetUp() override {
        static_cast<void>(home.directory("upper"));
        static_cast<void>(home.directory("lower"));
    }

    /// The uppermost first, as podman tells them.
    [[nodiscard]] std::vector<std::string> all() const { return {home / "upper", home / "lower"}; }

    void file(const std::string& layer, const std::string& path) const { home.file(layer + path); }
    void directory(const std::string& layer, const std::string& path) const {
        static_cast<void>(home.directory(layer + path));
    }
    void link(const std::string& layer, const std::string& path, const std::string& target) const {
        const std::filesystem::path at = home / (layer + path);
        std::filesystem::create_directories(at.parent_path());
        std::filesystem::create_symlink(target, at);
    }
    /// Marks a path of the lower layers as deleted. Anybody may make this one device (mknod(2), Linux 5.8).
    void whiteout(const std::string& layer, const std::string& path) const {
        const std::filesystem::path at = home / (layer + path);
        std::filesystem::create_directories(at.parent_path());
        ASSERT_EQ(::mknod(at.c_str(), S_IFCHR | 0600, makedev(0, 0)), 0) << at;
    }
    /// Marks a directory as hiding what the lower layers have in it. Where the file system has no user.*,
    /// root has trusted.*.
    void opaque(const std::string& layer, const std::string& path) const {
        const auto at = home.directory(layer + path);
        ASSERT_TRUE(::setxattr(at.c_str(), "user.overlay.opaque", "y", 1, 0) == 0 ||
                    ::setxattr(at.c_str(), "trusted.overlay.opaque", "y", 1, 0) == 0)
            << at;
    }

    TemporaryDirectory home;
};

}  // namespace mpi_podman::test
