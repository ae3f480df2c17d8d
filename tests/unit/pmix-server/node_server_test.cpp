// The server of a node between a launcher and wrappers that the test plays, and ranks that are real.

#include "pmix-server/node_server.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <sys/resource.h>

#include <chrono>
#include <deque>

#include "sys/process.hpp"
#include "unit/child_process.hpp"
#include "unit/pmix-server/launcher_end.hpp"
#include "unit/temporary_directory.hpp"
#include "wire/local_socket.hpp"
#include "wire/packet.hpp"

namespace mpi_podman {
namespace {

using testing::HasSubstr;

/// A wrapper: its connection, which is its place, and the launcher's end of its rank's.
struct Placed {
    test::LauncherEnd launcher;
    Fd connection;
    pmi::KeyValues answer;

    [[nodiscard]] std::string error() const {
        const auto found = answer.find("error");
        return found == answer.end() ? "" : found->second;
    }
};

/// In a process of its own, for libpmix's thread never ends.
class ServerOfANode : public testing::Test {
protected:
    void start(rlim_t files = 0) {
        pid = test::start_child([&] {
            rlimit limit{files, files};
            if (files > 0 && ::setrlimit(RLIMIT_NOFILE, &limit) != 0) {
                return 1;
            }
            auto library = Library::start(home.path());
            return library && NodeServer(std::move(*library), home.path(), listening.get()).serve() ? 0 : 2;
        });
    }
    ~ServerOfANode() override {
        wrappers.clear();
        EXPECT_EQ(test::end_of_child(pid), 0) << "it serves until the last has gone";
    }

    /// Asks for a rank's place.
    Placed& wrapper(std::uint32_t rank, std::uint32_t ranks, const std::string& words) {
        auto& placed =
            wrappers.emplace_back(Placed{test::LauncherEnd(words), connect_in(home.path(), "socket"), {}});
        const auto request =
            pmi::encode_values({{"rank", std::to_string(rank)}, {"size", std::to_string(ranks)}});
        EXPECT_TRUE(send_packet(placed.connection.get(), std::as_bytes(std::span(request)),
                                placed.launcher.rank.get()));
        placed.launcher.rank.reset();
        std::string room(65536, '\0');
        const auto packet = receive_packet(placed.connection.get(), std::as_writable_bytes(std::span(room)));
        placed.answer = pmi::decode_values(room.substr(0, packet.size)).value_or(pmi::KeyValues{});
        EXPECT_FALSE(placed.answer.empty());
        return placed;
    }

    /// A rank that meets all others once (rank.cpp).
    static Child rank_of(const Placed& placed) {
        Spawn how{{"/usr/bin/env"}};
        for (const auto& [name, value] : placed.answer) {
            how.argv.push_back(name + "=" + value);
        }
        how.argv.insert(how.argv.end(), {MPI_PODMAN_PMIX_RANK, "1", "1"});
        auto started = spawn(how);
        EXPECT_TRUE(started);
        return std::move(*started);
    }

    test::TemporaryDirectory home;
    Fd listening{listen_in(home.path(), "socket")};
    pid_t pid = -1;
    std::deque<Placed> wrappers;
};

const std::string farewell = "cmd=finalize_ack\n";

TEST_F(ServerOfANode, TellsThoseForWhomThereIsNoPlaceAndServesTheOthers) {
    constexpr std::uint32_t most = 12;
    constexpr std::uint32_t ranks = 100;
    start(24 + 3 * most + 2);
    EXPECT_EQ(wrapper(0, ranks, test::to_the_first("(vector,(0,1,100))") + farewell).error(), "");
    for (std::uint32_t rank = 1; rank < most; ++rank) {
        EXPECT_EQ(wrapper(rank, ranks, test::to_a_rank + farewell).error(), "") << rank;
    }
    for (int late = 0; late < 3; ++late) {
        const auto& refused = wrapper(most, ranks, test::to_a_rank + farewell);
        EXPECT_THAT(refused.error(), HasSubstr("places for 12 ranks, by the hard limit of open files"));
        EXPECT_THAT(refused.answer.at("hint"), HasSubstr("ulimit -Hn, 3 for each rank"));
        wrappers.pop_back();
    }
    wrappers.pop_back();
    EXPECT_EQ(wrapper(most - 1, ranks, test::to_a_rank + farewell).error(), "") << "who leaves makes room";
}

TEST_F(ServerOfANode, AnswersAFenceWhoseLastRankDiesBeforeTheBarrierLetsItGo) {
    start();
    auto& first = wrapper(0, 3, test::to_the_first("(vector,(0,1,2),(1,1,1))") + "cmd=put_result rc=0\n");
    auto& second = wrapper(1, 3, test::to_a_rank);
    ASSERT_EQ(first.error() + second.error(), "");
    auto survivor = rank_of(first);
    const auto dies = rank_of(second);
    ASSERT_TRUE(first.launcher.hears("cmd=barrier_in\n"));
    ASSERT_TRUE(second.launcher.hears("cmd=barrier_in\n"));
    first.launcher.say("cmd=barrier_out\ncmd=get_result rc=0 value=1.\n" + farewell);
    second.connection.reset();
    ASSERT_TRUE(survivor.ends_within(std::chrono::seconds(30))) << "it waits for ever";
    EXPECT_EQ(survivor.wait(), (Ending{0, 0}));
}

}  // namespace
}  // namespace mpi_podman
