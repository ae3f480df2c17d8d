// Where a rank would come across mpi-podman's own directories.
#include "run/hidden.hpp"

#include <gtest/gtest.h>

#include "unit/temporary_directory.hpp"

namespace mpi_podman {
namespace {

using Paths = std::vector<std::string>;

class Hidden : public testing::Test {
protected:
    test::TemporaryDirectory home;
    std::string session = home.directory("session");
    std::string of_job = home.directory("session/mpi-podman/job");
    Plan plan;
};

TEST_F(Hidden, IsEachPlaceWhereAMountShowsADirectoryOfOurs) {
    static_cast<void>(home.directory("away"));
    std::filesystem::create_symlink(session, home / "link");
    plan.mounts = {{home.path()}, {home / "link"}, {home / "away"}};
    plan.volumes = {session + ":/seen:ro", session + "/mpi-podman:/itself", home / "away:/else",
                    "named:/named"};
    EXPECT_EQ(shown_at(plan, directories_of_ours(of_job, {})),
              (Paths{"/itself", "/seen/mpi-podman", home / "link/mpi-podman", session + "/mpi-podman"}));
}

TEST_F(Hidden, IsNothingWhereNoneIsShown) {
    plan.mounts = {{home.directory("session/mpi-podman-of-others")}, {home / "none"}};
    EXPECT_EQ(shown_at(plan, directories_of_ours(of_job, {})), Paths{});
}

TEST_F(Hidden, AreThoseOfTheUsersOtherJobsTooAndOfOtherHosts) {
    const auto cache = home.directory(".cache/mpi-podman/node1");
    static_cast<void>(home.directory(".cache/mpi-podman/node2"));
    EXPECT_EQ(directories_of_ours(of_job, {home / "none/mpi-podman", cache}),
              (Paths{home / ".cache/mpi-podman", session + "/mpi-podman"}));
    EXPECT_EQ(directories_of_ours(cache + "/alone-1", {cache}), (Paths{home / ".cache/mpi-podman"}));
}

TEST_F(Hidden, IsAlsoWhatARankMountsForItself) {
    plan.attached = {{session}};
    EXPECT_EQ(shown_at(plan, directories_of_ours(of_job, {})), Paths{});
    EXPECT_EQ(attached_at(plan, directories_of_ours(of_job, {})), (Paths{session + "/mpi-podman"}));
}

}  // namespace
}  // namespace mpi_podman
