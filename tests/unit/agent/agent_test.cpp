// The agent program itself, outside of any container: whom it tells to begin, and when.

#include <gtest/gtest.h>
#include <poll.h>

#include "sys/process.hpp"
#include "unit/temporary_directory.hpp"
#include "wire/frame.hpp"
#include "wire/local_socket.hpp"

namespace mpi_podman {
namespace {

constexpr const char* key = "socket";
constexpr int soon = 10'000;  // milliseconds: a bound for what will never happen

class Agent : public testing::Test {
protected:
    Agent()
        : socket(listen_in(home.path(), key)),
          agent(spawn({{MPI_PODMAN_AGENT}, -1, -1, -1, {socket.get()}})) {
        EXPECT_TRUE(agent) << agent.error().message;
    }

    /// A rank that comes, and how many of the node it says begin together.
    [[nodiscard]] Fd rank(std::uint32_t together) const {
        Fd connection = connect_in(home.path(), key);
        EXPECT_TRUE(send_frame(connection.get(), {Say::hello, together}));
        return connection;
    }

    /// The first rank, which describes the container.
    [[nodiscard]] Fd describing_rank(std::uint32_t together) const {
        Fd connection = rank(together);
        EXPECT_EQ(heard(connection), Say::prepare);
        EXPECT_TRUE(send_frame(connection.get(), {Say::prepared}, STDIN_FILENO));
        return connection;
    }

    /// What the agent says to it.
    static std::optional<Say> heard(const Fd& connection, int milliseconds = soon) {
        pollfd event{connection.get(), POLLIN, 0};
        return ::poll(&event, 1, milliseconds) == 1 ? receive_frame(connection.get()).say : std::nullopt;
    }

    test::TemporaryDirectory home;
    Fd socket;
    Result<Child> agent;
};

TEST_F(Agent, TellsEachRankAtOnceWhereTheyDoNotBeginTogether) {
    const auto first = describing_rank(0);
    const auto second = rank(0);
    EXPECT_EQ(heard(second), Say::ready);
}

TEST_F(Agent, TellsRanksThatBeginTogetherWhenTheLastHasCome) {
    const auto first = describing_rank(3);
    const auto second = rank(3);
    EXPECT_EQ(heard(second, 1), std::nullopt);
    const auto third = rank(3);
    EXPECT_EQ(heard(second), Say::ready);
    EXPECT_EQ(heard(third), Say::ready);
    const auto spawned = rank(3);
    EXPECT_EQ(heard(spawned), Say::ready) << "one that comes later waits for nobody";
}

TEST_F(Agent, TellsRanksThatBeginTogetherWhenNoMoreCome) {
    const auto first = describing_rank(1000);
    const auto second = rank(1000);
    const auto third = rank(1000);
    EXPECT_EQ(heard(second), Say::ready);
    EXPECT_EQ(heard(third), Say::ready);
}

TEST_F(Agent, LetsNobodyWaitWhoDoesNotBeginWithOthers) {
    const auto first = describing_rank(1000);
    const auto second = rank(0);
    EXPECT_EQ(heard(second), Say::ready);
}

TEST_F(Agent, EndsWithItsLastRank) {
    { const auto only = describing_rank(1); }
    EXPECT_EQ(agent->wait(), Ending{});
}

}  // namespace
}  // namespace mpi_podman
