#include "plan/mounts.hpp"
#include "unit/plan/decided.hpp"

namespace mpi_podman {
namespace {

using Words = std::vector<std::string>;
using Mounts = std::vector<Mount>;

constexpr const char* session = "/tmp/ompi.node1.1000/pid.4200";

using MountsOfAPlan = test::Decide;

TEST_F(MountsOfAPlan, AreTheSessionPathsAndTheCurrentDirectory) {
    EXPECT_EQ(plan().mounts, (Mounts{{"/home/mpi"}, {session}}));
}

TEST_F(MountsOfAPlan, LeaveOutSessionPathsThatAreNotOnThisNode) {
    context.session_paths = {"/tmp/a", "/tmp/b", session};
    host.present = {"/tmp/b", session};
    EXPECT_EQ(plan().mounts, (Mounts{{"/home/mpi"}, {"/tmp/b"}, {session}}));
}

TEST_F(MountsOfAPlan, LeaveThoseOfTheJobToTheRanksWhereTheContainerOutlivesIt) {
    options.linger = 60;
    EXPECT_EQ(plan().mounts, (Mounts{{"/home/mpi"}}));
    EXPECT_EQ(plan().attached, (Mounts{{session}}));
    EXPECT_EQ(plan().linger, 60U);
    options.linger = 0;
    EXPECT_EQ(plan().attached, Mounts{});
}

TEST_F(MountsOfAPlan, HoldAPathOnce) {
    context.session_paths = {"/home/mpi"};
    host.present = {"/home/mpi"};
    EXPECT_EQ(plan().mounts, (Mounts{{"/home/mpi"}}));
}

TEST_F(MountsOfAPlan, GiveWayToAVolumeOfTheUsersAtThatPath) {
    for (const char* volume :
         {"/elsewhere:/home/mpi", "/elsewhere:/home/mpi:ro,z", "named:/home/mpi", "/home/mpi"}) {
        options.volumes = {volume};
        EXPECT_EQ(plan().mounts, (Mounts{{session}})) << volume;
        EXPECT_EQ(plan().volumes, Words{volume});
        EXPECT_EQ(plan().workdir, "/home/mpi") << volume;
    }
}

TEST_F(MountsOfAPlan, GiveWayToAVolumeHoweverItsPathIsWritten) {
    // podman cleans the path and then refuses: "/home/mpi": duplicate mount destination
    for (const char* volume :
         {"/elsewhere:/home/mpi/", "/elsewhere:/home//mpi:ro", "/elsewhere:/home/./mpi"}) {
        options.volumes = {volume};
        EXPECT_EQ(plan().mounts, (Mounts{{session}})) << volume;
    }
}

TEST_F(MountsOfAPlan, StayBesideVolumesElsewhere) {
    options.volumes = {"/home/mpi:/data", "/x:/home/mpi/below", "/x:/home"};
    EXPECT_EQ(plan().mounts, (Mounts{{"/home/mpi"}, {session}}));
    EXPECT_EQ(plan().volumes, (Words{"/home/mpi:/data", "/x:/home/mpi/below", "/x:/home"}));
}

TEST_F(MountsOfAPlan, HoldVolumesFromTheCurrentDirectoryByTheirWholePath) {
    options.volumes = {".:/work", "./data:/data:ro", "../x:/x", "./a/../b/:/b", ".hidden", "named:/n"};
    EXPECT_EQ(plan().volumes, (Words{"/home/mpi:/work", "/home/mpi/data:/data:ro", "/home/x:/x",
                                     "/home/mpi/b:/b", ".hidden", "named:/n"}));
    options.no_cwd = true;
    options.volumes = {"..:/home"};
    EXPECT_EQ(paths_seen(plan()), (Words{session, "/home"}));
}

TEST_F(MountsOfAPlan, HoldTheCurrentDirectoryByTheNameToo) {
    host.cwd_by_name = "/gpfs/mpi";
    EXPECT_EQ(plan().mounts, (Mounts{{"/gpfs/mpi"}, {"/home/mpi"}, {session}}));
    EXPECT_EQ(plan().workdir, "/home/mpi");
    host.cwd_by_name = "/proc/self/cwd";
    EXPECT_EQ(plan().mounts, (Mounts{{"/home/mpi"}, {session}}));
    host.cwd_by_name = "/gpfs/mpi";
    options.no_cwd = true;
    EXPECT_EQ(plan().mounts, (Mounts{{session}}));
}

TEST_F(MountsOfAPlan, HoldNoPathThatPodmanWouldCut) {
    host.cwd = "/home/mpi/run 10:30";
    EXPECT_TRUE(result());
    host.cwd = "/home/mpi/run 10:30, again";
    EXPECT_FALSE(result());
    options.no_cwd = true;
    EXPECT_TRUE(result());
}

TEST_F(MountsOfAPlan, LetHomePassWhereItIsSeenAtTheSamePath) {
    const auto home_passes = [&] {
        const auto names = plan().environment.inherited;
        return std::find(names.begin(), names.end(), "HOME") != names.end();
    };
    EXPECT_TRUE(home_passes()) << "the current directory is the home";
    host.cwd = "/scratch";
    EXPECT_FALSE(home_passes());
    options.volumes = {"/home:/home"};
    EXPECT_TRUE(home_passes());
    options.volumes = {"/home:/home:ro"};
    EXPECT_TRUE(home_passes());
    options.volumes = {"/other:/home"};
    EXPECT_FALSE(home_passes()) << "another directory at that path";
    options.volumes = {"/home:/other"};
    EXPECT_FALSE(home_passes());
    options.volumes = {"/home"};
    EXPECT_FALSE(home_passes()) << "an anonymous volume";
}

TEST_F(MountsOfAPlan, GiveAnImageATmpWhereItLacksOneAndNothingElseIsThere) {
    EXPECT_FALSE(plan().gets_tmp);
    image.lacks_tmp = true;
    EXPECT_TRUE(plan().gets_tmp);
    options.volumes = {"/scratch:/tmp/"};
    EXPECT_FALSE(plan().gets_tmp);
    options.volumes.clear();
    host.cwd = "/tmp";
    EXPECT_FALSE(plan().gets_tmp);
    host.cwd = "/home/mpi";
    options.per_rank = false;
    EXPECT_FALSE(plan().gets_tmp) << "the rank that sees the container makes it";
}

TEST_F(MountsOfAPlan, LetTmpdirPassWhereItIsMounted) {
    environment["TMPDIR"] = "/home/mpi/tmp";
    auto names = plan().environment.inherited;
    EXPECT_NE(std::find(names.begin(), names.end(), "TMPDIR"), names.end());
    environment["TMPDIR"] = "/tmp";
    names = plan().environment.inherited;
    EXPECT_EQ(std::find(names.begin(), names.end(), "TMPDIR"), names.end());
}

}  // namespace
}  // namespace mpi_podman
