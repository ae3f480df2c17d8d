/// What an MPI library asks through Slurm's own libpmi2, and two ranks of it at once.
#include <gtest/gtest.h>
#include <sys/socket.h>
#include <unistd.h>

#include <array>
#include <condition_variable>
#include <mutex>
#include <thread>

#include "pmi/server.hpp"
#include "sys/process.hpp"

namespace mpi_podman::pmi {
namespace {

/// What the ranks share: all that a launcher is to them.
struct World {
    std::mutex mutex;
    std::condition_variable changed;
    KeyValues coming, last, on_node, published;
    std::uint32_t size = 2, waiting = 0, exchanges = 0;
    bool broken = false;  ///< a rank has died: nobody waits for it
};

class Member : public Job {
public:
    Member(World& world, std::uint32_t rank) : world_(world), rank_(rank) {}

    Result<JobFacts> join() override { return JobFacts{"job-1", rank_, 2, 3, 8, "(vector,(0,1,2))"}; }
    Result<KeyValues> exchange(const KeyValues& mine) override {
        std::unique_lock lock(world_.mutex);
        world_.coming.insert(mine.begin(), mine.end());
        const auto number = world_.exchanges;
        if (++world_.waiting == world_.size) {
            world_.last = std::exchange(world_.coming, {});
            world_.waiting = 0;
            ++world_.exchanges;
            world_.changed.notify_all();
        }
        world_.changed.wait(lock, [&] { return world_.exchanges != number || world_.broken; });
        return world_.broken ? Result<KeyValues>(failure(Status::ours, "a rank died")) : world_.last;
    }
    Result<void> put_on_node(const std::string& key, const std::string& value) override {
        const std::scoped_lock lock(world_.mutex);
        world_.on_node.insert_or_assign(key, value);
        world_.changed.notify_all();
        return {};
    }
    Result<std::optional<std::string>> get_on_node(const std::string& key, bool wait) override {
        std::unique_lock lock(world_.mutex);
        world_.changed.wait(lock, [&] { return !wait || world_.on_node.contains(key) || world_.broken; });
        const auto found = world_.on_node.find(key);
        return found == world_.on_node.end() ? std::nullopt : std::optional<std::string>(found->second);
    }
    Result<void> publish(const std::string& name, const std::string& port) override {
        const std::scoped_lock lock(world_.mutex);
        world_.published.insert_or_assign(name, port);
        return {};
    }
    Result<void> unpublish(const std::string& name) override {
        const std::scoped_lock lock(world_.mutex);
        world_.published.erase(name);
        return {};
    }
    Result<std::string> look_up(const std::string& name) override {
        const std::scoped_lock lock(world_.mutex);
        const auto found = world_.published.find(name);
        return found == world_.published.end() ? Result<std::string>(failure(Status::ours, "nobody"))
                                               : Result<std::string>(found->second);
    }
    void abort(int /*status*/, const std::string& /*why*/) override { lose(); }
    void leave() override { left = true; }

    void lose() {
        const std::scoped_lock lock(world_.mutex);
        world_.broken = true;
        world_.changed.notify_all();
    }

    bool left = false;

private:
    World& world_;
    std::uint32_t rank_;
};

void serve(Member& member, int fd) {
    Server server(member);
    std::array<char, 4096> bytes{};
    while (!server.is_done()) {
        const auto count = ::read(fd, bytes.data(), bytes.size());
        if (count <= 0 || !write_all(fd, server.take({bytes.data(), static_cast<std::size_t>(count)}))) {
            return member.lose();
        }
    }
}

TEST(Libpmi2, OfTwoRanksIsAnswered) {
    const std::string program = MPI_PODMAN_PMI2_CLIENT;
    if (program.empty()) {
        GTEST_SKIP() << "no libpmi2 here: .ci/install test";
    }
    World world;
    std::array<Member, 2> members{Member{world, 0}, Member{world, 1}};
    std::array<Fd, 2> sockets;
    std::vector<Child> ranks;
    for (std::size_t rank = 0; rank < 2; ++rank) {
        std::array<int, 2> ends{-1, -1};
        ASSERT_EQ(::socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, ends.data()), 0);
        sockets.at(rank) = Fd(ends[0]);
        const Fd theirs(ends[1]);
        const auto number = std::to_string(rank);
        auto child = spawn({{"env", "PMI_FD=3", "PMI_RANK=" + number, "PMI_SIZE=2", program},
                            -1,
                            STDOUT_FILENO,
                            STDERR_FILENO,
                            {theirs.get()}});
        ASSERT_TRUE(child) << child.error().message;
        ranks.push_back(std::move(*child));
    }
    std::array<std::thread, 2> servers;
    for (std::size_t rank = 0; rank < 2; ++rank) {
        servers.at(rank) = std::thread([&, rank] { serve(members.at(rank), sockets.at(rank).get()); });
    }
    for (auto& server : servers) {
        server.join();
    }
    for (std::size_t rank = 0; rank < 2; ++rank) {
        EXPECT_EQ(ranks.at(rank).wait(), Ending{}) << "rank " << rank;
        EXPECT_TRUE(members.at(rank).left) << "rank " << rank;
    }
}

}  // namespace
}  // namespace mpi_podman::pmi
