#include <gtest/gtest.h>

#include <csignal>

#include "run/rank.hpp"

namespace mpi_podman {
namespace {

/// How podman ended, and how the rank did.
struct Row {
    const char* what;
    Ending podman;
    bool started;
    int asked;  ///< the signal the launcher ended the rank by
    Ending rank;
};
void PrintTo(const Row& row, std::ostream* out) { *out << row.what; }

class EndingOfRank : public testing::TestWithParam<Row> {};

TEST_P(EndingOfRank, IsReadFromPodmans) {
    const auto& row = GetParam();
    const auto ending = ending_of_rank({}, row.podman, row.started, row.asked, "");
    ASSERT_TRUE(ending) << ending.error().message;
    EXPECT_EQ(ending->status, row.rank.status);
    EXPECT_EQ(ending->signal, row.rank.signal);
}

constexpr Row rows[] = {
    {"success", {0, 0}, true, 0, {0, 0}},
    {"a status", {3, 0}, true, 0, {3, 0}},
    {"podman's own statuses are the rank's once it runs: 125", {125, 0}, true, 0, {125, 0}},
    {"126", {126, 0}, true, 0, {126, 0}},
    {"127", {127, 0}, true, 0, {127, 0}},
    {"128 is no signal", {128, 0}, true, 0, {128, 0}},
    {"SIGHUP", {129, 0}, true, 0, {0, SIGHUP}},
    {"SIGABRT", {134, 0}, true, 0, {0, SIGABRT}},
    {"SIGKILL", {137, 0}, true, 0, {0, SIGKILL}},
    {"SIGSEGV", {139, 0}, true, 0, {0, SIGSEGV}},
    {"the last signal", {192, 0}, true, 0, {0, 64}},
    {"beyond signals", {193, 0}, true, 0, {193, 0}},
    {"a signal that ends nobody is a status: SIGCHLD", {145, 0}, true, 0, {145, 0}},
    {"SIGCONT", {146, 0}, true, 0, {146, 0}},
    {"SIGSTOP", {147, 0}, true, 0, {147, 0}},
    {"SIGWINCH", {156, 0}, true, 0, {156, 0}},
    {"255", {255, 0}, true, 0, {255, 0}},
    {"told to end, caught it", {0, 0}, true, SIGTERM, {0, 0}},
    {"told to end, with a status", {3, 0}, true, SIGTERM, {3, 0}},
    {"told to end, did", {143, 0}, true, SIGTERM, {0, SIGTERM}},
    {"told to end, podman too", {0, SIGTERM}, true, SIGINT, {0, SIGINT}},
    {"told to end before it ran", {125, 0}, false, SIGINT, {0, SIGINT}},
    {"told to end before it ran, podman killed", {0, SIGTERM}, false, SIGTERM, {0, SIGTERM}},
    {"ended before it was seen", {0, 0}, false, 0, {0, 0}},
};

INSTANTIATE_TEST_SUITE_P(Each, EndingOfRank, testing::ValuesIn(rows));

TEST(EndingOfARankThatNeverRan, IsPodmansFailureExplained) {
    const auto failed =
        ending_of_rank({}, {125, 0}, false, 0, "Error: statfs /data: no such file or directory\n");
    ASSERT_FALSE(failed);
    EXPECT_EQ(failed.error().status, Status::ours);
    EXPECT_EQ(failed.error().message, "podman: statfs /data: no such file or directory");
    EXPECT_EQ(ending_of_rank({}, {127, 0}, false, 0, "").error().status, Status::not_found);
    EXPECT_EQ(ending_of_rank({}, {1, 0}, false, 0, "Error: x\n").error().status, Status::ours);
}

TEST(EndingOfARankThatNeverRan, IsToldByTheRuntimesWordsThoughTheContainerStarted) {
    const auto failed =
        ending_of_rank({}, {1, 0}, true, 0, "{\"msg\":\"exec container process `/x`: Exec format error\"}\n");
    ASSERT_FALSE(failed);
    EXPECT_EQ(failed.error().status, Status::not_runnable);
}

TEST(EndingOfARankWhosePodmanWasKilled, IsOurFailure) {
    for (const bool started : {true, false}) {
        const auto failed = ending_of_rank({}, {0, SIGKILL}, started, 0, "");
        ASSERT_FALSE(failed);
        EXPECT_EQ(failed.error().status, Status::ours);
        EXPECT_EQ(failed.error().message, "podman was killed by signal 9, and the rank with it");
        EXPECT_EQ(failed.error().hint.find("memory"), std::string::npos) << "nobody says so";
    }
}

}  // namespace
}  // namespace mpi_podman
