#include <gtest/gtest.h>

#include <csignal>

#include "run/ending.hpp"

namespace mpi_podman {
namespace {

/// How podman ended, and how the rank did.
struct Row {
    const char* what;
    Ending podman;
    ContainerEnd container;
    int asked;  ///< the signal the launcher ended the rank by
    Ending rank;
};
void PrintTo(const Row& row, std::ostream* out) { *out << row.what; }

class EndingOfRank : public testing::TestWithParam<Row> {};

TEST_P(EndingOfRank, IsReadFromPodmans) {
    const auto& row = GetParam();
    const auto ending = ending_of_rank({}, row.podman, row.container, row.asked, "");
    ASSERT_TRUE(ending) << ending.error().message;
    EXPECT_EQ(ending->status, row.rank.status);
    EXPECT_EQ(ending->signal, row.rank.signal);
}

constexpr Row rows[] = {
    {"success", {0, 0}, ContainerEnd::removed, 0, {0, 0}},
    {"a status", {3, 0}, ContainerEnd::removed, 0, {3, 0}},
    {"podman's own statuses are the rank's once it runs: 125", {125, 0}, ContainerEnd::removed, 0, {125, 0}},
    {"126", {126, 0}, ContainerEnd::removed, 0, {126, 0}},
    {"127", {127, 0}, ContainerEnd::removed, 0, {127, 0}},
    {"128 is no signal", {128, 0}, ContainerEnd::removed, 0, {128, 0}},
    {"SIGHUP", {129, 0}, ContainerEnd::removed, 0, {0, SIGHUP}},
    {"SIGABRT", {134, 0}, ContainerEnd::removed, 0, {0, SIGABRT}},
    {"SIGKILL", {137, 0}, ContainerEnd::removed, 0, {0, SIGKILL}},
    {"SIGSEGV", {139, 0}, ContainerEnd::removed, 0, {0, SIGSEGV}},
    {"the last signal", {192, 0}, ContainerEnd::removed, 0, {0, 64}},
    {"beyond signals", {193, 0}, ContainerEnd::removed, 0, {193, 0}},
    {"a signal that ends nobody is a status: SIGCHLD", {145, 0}, ContainerEnd::removed, 0, {145, 0}},
    {"SIGCONT", {146, 0}, ContainerEnd::removed, 0, {146, 0}},
    {"SIGSTOP", {147, 0}, ContainerEnd::removed, 0, {147, 0}},
    {"SIGWINCH", {156, 0}, ContainerEnd::removed, 0, {156, 0}},
    {"a status, the container kept", {3, 0}, ContainerEnd::kept, 0, {3, 0}},
    {"255", {255, 0}, ContainerEnd::removed, 0, {255, 0}},
    {"told to end, caught it", {0, 0}, ContainerEnd::removed, SIGTERM, {0, 0}},
    {"told to end, with a status", {3, 0}, ContainerEnd::removed, SIGTERM, {3, 0}},
    {"told to end, did", {143, 0}, ContainerEnd::removed, SIGTERM, {0, SIGTERM}},
    {"told to end, podman too", {0, SIGTERM}, ContainerEnd::removed, SIGINT, {0, SIGINT}},
    {"told to end before it ran", {125, 0}, ContainerEnd::never_made, SIGINT, {0, SIGINT}},
    {"told to end before it ran, podman killed",
     {0, SIGTERM},
     ContainerEnd::never_made,
     SIGTERM,
     {0, SIGTERM}},
    {"ended before it was seen", {0, 0}, ContainerEnd::unknown, 0, {0, 0}},
};

INSTANTIATE_TEST_SUITE_P(Each, EndingOfRank, testing::ValuesIn(rows));

TEST(EndingOfARankThatNeverRan, IsPodmansFailureExplained) {
    const auto failed = ending_of_rank({}, {125, 0}, ContainerEnd::never_made, 0,
                                       "Error: statfs /data: no such file or directory\n");
    ASSERT_FALSE(failed);
    EXPECT_EQ(failed.error().status, Status::ours);
    EXPECT_EQ(failed.error().message, "podman: statfs /data: no such file or directory");
    EXPECT_EQ(ending_of_rank({}, {127, 0}, ContainerEnd::never_made, 0, "").error().status,
              Status::not_found);
    EXPECT_EQ(ending_of_rank({}, {1, 0}, ContainerEnd::never_made, 0, "Error: x\n").error().status,
              Status::ours);
}

TEST(EndingOfARankThatNeverRan, IsNoSuccessThoughPodmanSaysSo) {
    const auto failed = ending_of_rank({}, {0, 0}, ContainerEnd::never_made, 0, "anything");
    ASSERT_FALSE(failed);
    EXPECT_EQ(failed.error().status, Status::ours);
    EXPECT_EQ(failed.error().message,
              "podman ended with status 0, but made no container: the rank did not run");
}

TEST(EndingOfARankThatNeverRan, IsToldByTheRuntimesWordsThoughTheContainerStarted) {
    const auto failed = ending_of_rank({}, {1, 0}, ContainerEnd::removed, 0,
                                       "{\"msg\":\"exec container process `/x`: Exec format error\"}\n");
    ASSERT_FALSE(failed);
    EXPECT_EQ(failed.error().status, Status::not_runnable);
    const auto killed = ending_of_rank({}, {126, 0}, ContainerEnd::removed, 0,
                                       "container `1a` is not running\nError: `crun start 1a` failed\n");
    ASSERT_FALSE(killed);
    EXPECT_EQ(killed.error().status, Status::ours);
}

TEST(EndingOfARankThatNeverRan, IsTheSignalsThatCameAsItsContainerBegan) {
    const std::string in_vain = "container `1a` is not running\nError: `crun start 1a` failed\n";
    const auto asked = ending_of_rank({}, {125, 0}, ContainerEnd::removed, SIGTERM, in_vain);
    ASSERT_TRUE(asked) << asked.error().message;
    EXPECT_EQ(asked->signal, SIGTERM);
    EXPECT_FALSE(ending_of_rank({}, {126, 0}, ContainerEnd::removed, SIGTERM,
                                "{\"msg\":\"exec container process `/x`: Exec format error\"}\n"))
        << "what is wrong with the program stays so";
    EXPECT_EQ(ending_of_rank({}, {0, 0}, ContainerEnd::removed, SIGTERM, in_vain)->signal, 0)
        << "a rank's own words, for it ended well";
}

TEST(EndingOfARankWhoseContainerWasKept, IsOurFailureWherePodmanNamesNoStatusOfTheRanks) {
    for (const int status : {125, 126, 127}) {
        const auto failed = ending_of_rank({}, {status, 0}, ContainerEnd::kept, 0, "");
        ASSERT_FALSE(failed);
        EXPECT_EQ(failed.error().status, Status::ours);
        EXPECT_EQ(failed.error().message.find("podman ended with status " + std::to_string(status)), 0);
        EXPECT_NE(failed.error().message.find("which is removed now"), std::string::npos);
        const auto stays = ending_of_rank({}, {status, 0}, ContainerEnd::cannot_be_removed, 0, "");
        EXPECT_NE(stays.error().message.find("which cannot be removed now"), std::string::npos);
    }
}

TEST(EndingOfARankWhosePodmanWasKilled, IsOurFailure) {
    for (const auto container : {ContainerEnd::never_made, ContainerEnd::removed, ContainerEnd::kept}) {
        const auto failed = ending_of_rank({}, {0, SIGKILL}, container, 0, "");
        ASSERT_FALSE(failed);
        EXPECT_EQ(failed.error().status, Status::ours);
        EXPECT_EQ(failed.error().message, "podman was killed by signal 9, and the rank with it");
        EXPECT_EQ(failed.error().hint.find("memory"), std::string::npos) << "nobody says so";
    }
}

}  // namespace
}  // namespace mpi_podman
