// The agent program itself, outside of any container: whom it tells to begin, and when.

#include <gtest/gtest.h>
#include <poll.h>

#include <chrono>
#include <filesystem>
#include <span>
#include <string>
#include <vector>

#include "sys/process.hpp"
#include "unit/temporary_directory.hpp"
#include "wire/frame.hpp"
#include "wire/local_socket.hpp"
#include "wire/packet.hpp"

namespace mpi_podman {
namespace {

constexpr const char* key = "socket";
constexpr int soon = 10'000;  // milliseconds: a bound for what will never happen

/// What the agent says to this peer.
std::optional<Say> heard(const Fd& connection, int milliseconds = soon) {
    pollfd event{connection.get(), POLLIN, 0};
    return ::poll(&event, 1, milliseconds) == 1 ? receive_frame(connection.get()).say : std::nullopt;
}

/// A rank that comes, and how many of the node it says begin together.
Fd rank_in(const std::string& directory, std::uint32_t together) {
    Fd connection = connect_in(directory, key);
    EXPECT_TRUE(send_frame(connection.get(), {Say::hello, together}));
    return connection;
}

class Agent : public testing::Test {
protected:
    explicit Agent(const std::vector<std::string>& command = {MPI_PODMAN_AGENT})
        : socket(listen_in(home.path(), key)), agent(spawn({command, -1, -1, -1, {socket.get()}})) {
        EXPECT_TRUE(agent) << agent.error().message;
    }

    [[nodiscard]] Fd rank(std::uint32_t together) const { return rank_in(home.path(), together); }

    [[nodiscard]] Fd peer() const { return connect_in(home.path(), key); }

    /// The agent's open files.
    [[nodiscard]] std::ptrdiff_t open_files() const {
        const std::filesystem::directory_iterator all("/proc/" + std::to_string(agent->pid()) + "/fd");
        return std::distance(begin(all), end(all));
    }

    /// The first rank, which describes the container.
    [[nodiscard]] Fd describing_rank(std::uint32_t together) const {
        Fd connection = rank(together);
        EXPECT_EQ(heard(connection), Say::prepare);
        EXPECT_TRUE(send_frame(connection.get(), {Say::prepared}, STDIN_FILENO));
        return connection;
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

/// Podman takes its time to start the agent: ranks have come before, and may be gone.
class AgentThatComesLate : public testing::Test {
protected:
    void SetUp() override {
        const auto dead = rank_in(home.path(), 0);
        const auto dead_too = rank_in(home.path(), 0);
    }
    [[nodiscard]] Result<Child> start() const {
        return spawn({{MPI_PODMAN_AGENT}, -1, -1, -1, {socket.get()}});
    }

    test::TemporaryDirectory home;
    Fd socket = listen_in(home.path(), key);
};

TEST_F(AgentThatComesLate, AsksTheFirstRankThatStillLives) {
    const auto alive = rank_in(home.path(), 0);
    const auto agent = start();
    ASSERT_TRUE(agent) << agent.error().message;
    EXPECT_EQ(heard(alive), Say::prepare);
}

TEST_F(AgentThatComesLate, EndsWhereAllRanksAreGone) {
    auto agent = start();
    ASSERT_TRUE(agent) << agent.error().message;
    EXPECT_TRUE(agent->ends_within(std::chrono::milliseconds(soon)));
    EXPECT_EQ(agent->wait(), Ending{});
}

// ---- Who means it ill, or is broken ----

TEST_F(Agent, HangsUpOnWhatIsNoFrame) {
    const auto first = describing_rank(0);
    for (const auto& words :
         {std::string("x"), std::string("GET / HTTP/1.1\r\n\r\n"), std::string(4096, '\xff'),
          std::string("1DPM\3\0\0", 7), std::string(16, '\0')}) {
        const auto hostile = peer();
        ASSERT_TRUE(send_packet(hostile.get(), std::as_bytes(std::span(words))));
        pollfd event{hostile.get(), POLLIN, 0};
        EXPECT_EQ(::poll(&event, 1, soon), 1) << words;
        EXPECT_EQ(receive_frame(hostile.get()).say, std::nullopt) << words;
    }
    EXPECT_EQ(heard(rank(0)), Say::ready) << "and goes on serving";
}

TEST_F(Agent, TellsAnOtherVersionSoAndHangsUp) {
    const auto old = peer();
    ASSERT_TRUE(send_packet(old.get(), encode_frame({Say::hello}, wire_version - 1)));
    EXPECT_EQ(heard(old), Say::refused);
    EXPECT_EQ(heard(old), std::nullopt);
    const auto first = describing_rank(0);
}

TEST_F(Agent, TakesADescriptionFromNobodyWhomItDidNotAsk) {
    const auto first = rank(0);
    ASSERT_EQ(heard(first), Say::prepare);
    const auto second = rank(0);
    ASSERT_TRUE(send_frame(second.get(), {Say::prepared}, STDIN_FILENO));
    EXPECT_EQ(heard(second), std::nullopt) << "it hangs up";
    const auto third = rank(0);
    EXPECT_EQ(heard(third, 1), std::nullopt) << "there is no description yet";
    ASSERT_TRUE(send_frame(first.get(), {Say::prepared}, STDIN_FILENO));
    EXPECT_EQ(heard(third), Say::ready);
}

TEST_F(Agent, KeepsNoDescriptorThatSomebodySendsUnasked) {
    const auto first = describing_rank(0);
    const auto second = rank(0);
    ASSERT_EQ(heard(second), Say::ready);
    const auto before = open_files();
    for (int i = 0; i < 50; ++i) {
        const auto hostile = peer();
        send_packet(hostile.get(), {}, STDIN_FILENO);
        const auto other = peer();
        send_frame(other.get(), {Say::hello}, STDIN_FILENO);
    }
    EXPECT_EQ(heard(rank(0)), Say::ready);
    const auto all_closed = [&] { return open_files() <= before; };
    for (int look = 0; look < soon && !all_closed(); ++look) {
        ::poll(nullptr, 0, 1);
    }
    EXPECT_TRUE(all_closed()) << open_files() << " open, before " << before;
}

class AgentOfFewFiles : public Agent {
protected:
    AgentOfFewFiles() : Agent({"/bin/sh", "-c", "ulimit -n 32; exec " MPI_PODMAN_AGENT}) {}

    static constexpr std::uint32_t places = 24;  // the agent keeps 8 for itself
};

TEST_F(AgentOfFewFiles, MakesRoomForRanksAmongThoseWhoSayNothing) {
    std::vector<Fd> flood;
    for (int i = 0; i < 200; ++i) {
        flood.push_back(peer());
        ASSERT_TRUE(flood.back());
    }
    const auto first = describing_rank(0);
    EXPECT_EQ(heard(rank(0)), Say::ready);
}

TEST_F(AgentOfFewFiles, TellsThoseForWhomThereIsNoPlaceAndServesTheOthers) {
    std::vector<Fd> ranks;
    ranks.push_back(rank(0));
    EXPECT_EQ(heard(ranks.front()), Say::prepare);
    while (ranks.size() < places) {
        ranks.push_back(rank(0));
    }
    for (int i = 0; i < 40; ++i) {
        const auto late = peer();
        pollfd event{late.get(), POLLIN, 0};
        ASSERT_EQ(::poll(&event, 1, soon), 1);
        const auto told = receive_frame(late.get());
        EXPECT_EQ(told.say, Say::full);
        EXPECT_EQ(told.number, places);
    }
    // The description finds room all the same.
    EXPECT_TRUE(send_frame(ranks.front().get(), {Say::prepared}, STDIN_FILENO));
    for (std::size_t i = 1; i < ranks.size(); ++i) {
        EXPECT_EQ(heard(ranks[i]), Say::ready);
    }
    ranks.pop_back();
    // The agent may see the newcomer before it sees who left.
    std::optional<Say> said = Say::full;
    for (int attempt = 0; said == Say::full && attempt < 1000; ++attempt) {
        ranks.push_back(rank(0));
        said = heard(ranks.back());
    }
    EXPECT_EQ(said, Say::ready) << "who leaves makes room";
}

}  // namespace
}  // namespace mpi_podman
