#include "inspect/podman_runtime.hpp"

#include <gtest/gtest.h>

#include "unit/temporary_directory.hpp"

namespace mpi_podman {
namespace {

class PodmanRuntime : public testing::Test {
protected:
    std::string private_directory(const std::string& name) const {
        auto path = place_.directory(name);
        ::chmod(path.c_str(), 0700);
        return path;
    }
    std::string used_by_podman(const std::string& name) const {
        place_.file(name + "/libpod/tmp/pause.pid", "4711");
        return private_directory(name);
    }
    [[nodiscard]] std::optional<std::string> found() const {
        return podman_runtime_directory(place_ / "run", place_ / "tmp", ::geteuid());
    }
    const test::TemporaryDirectory place_;
    const std::string id_ = std::to_string(::geteuid());
};

TEST_F(PodmanRuntime, IsNotGuessedBeforePodmanWasThere) {
    EXPECT_EQ(found(), std::nullopt);
    static_cast<void>(private_directory("tmp/podman-run-" + id_));
    EXPECT_EQ(found(), std::nullopt) << "podman keeps no user namespace by it yet";
}

TEST_F(PodmanRuntime, IsTheOneInTmpThatPodmanHasUsed) {
    const auto by_4 = used_by_podman("tmp/podman-run-" + id_);
    EXPECT_EQ(found(), by_4);
    used_by_podman("tmp/storage-run-" + id_);
    EXPECT_EQ(found(), std::nullopt) << "two podmans: which is asked is not known";
    std::filesystem::remove_all(by_4);
    EXPECT_EQ(found(), place_ / "tmp/storage-run-" + id_);
}

TEST_F(PodmanRuntime, IsTheSessionsWhereThereIsOneAsPodmanTakesThatFirst) {
    used_by_podman("tmp/podman-run-" + id_);
    const auto of_session = private_directory("run/user/" + id_);
    EXPECT_EQ(found(), of_session);
}

TEST_F(PodmanRuntime, IsNobodyElses) {
    const auto path = used_by_podman("tmp/podman-run-" + id_);
    EXPECT_EQ(podman_runtime_directory(place_ / "run", place_ / "tmp", ::geteuid() + 1), std::nullopt);
    ::chmod(path.c_str(), 0750);
    EXPECT_EQ(found(), std::nullopt) << "others can enter it";
    ::chmod(path.c_str(), 0700);
    std::filesystem::rename(path, place_ / "elsewhere");
    std::filesystem::create_symlink(place_ / "elsewhere", path);
    EXPECT_EQ(found(), std::nullopt) << "a link";
}

TEST_F(PodmanRuntime, OfASessionThatHasEndedIsNotTold) {
    constexpr uid_t without_any = 4242;
    ::setenv("XDG_RUNTIME_DIR", place_.directory("session").c_str(), 1);
    tell_podman_its_runtime_directory(without_any);
    EXPECT_EQ(std::string(std::getenv("XDG_RUNTIME_DIR")), place_ / "session") << "it is there";
    std::filesystem::remove_all(place_ / "session");
    tell_podman_its_runtime_directory(0);
    EXPECT_NE(std::getenv("XDG_RUNTIME_DIR"), nullptr) << "root's podman does not look at it";
    tell_podman_its_runtime_directory(without_any);
    EXPECT_EQ(std::getenv("XDG_RUNTIME_DIR"), nullptr);
}

}  // namespace
}  // namespace mpi_podman
