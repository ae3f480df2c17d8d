#include "pmi/client.hpp"

#include <arpa/inet.h>
#include <fcntl.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <netinet/in.h>
#include <poll.h>
#include <sys/socket.h>
#include <unistd.h>

#include <array>
#include <thread>

#include "pmi/server.hpp"
#include "unit/pmi/fake_job.hpp"

namespace mpi_podman::pmi {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;

constexpr auto short_time = std::chrono::milliseconds(20);  // for what never comes

/// All that has come, without waiting.
std::string take_all(const Fd& socket) {
    std::string all(65536, '\0');
    const auto count = ::recv(socket.get(), all.data(), all.size(), MSG_DONTWAIT);
    all.resize(static_cast<std::size_t>(std::max<ssize_t>(count, 0)));
    return all;
}

/// What a failed request says; empty where it did not fail.
template <typename Value>
std::string trouble(const Result<Value>& result) {
    return result ? "" : result.error().message;
}

/// A client and the launcher's end of its connection.
class Asked : public testing::Test {
protected:
    Asked() {
        std::array<int, 2> ends{-1, -1};
        EXPECT_EQ(::socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, ends.data()), 0);
        launcher = Fd(ends[0]);
        client.emplace(Fd(ends[1]));
    }
    /// The launcher's words are there before they are asked for: a client waits for nothing then.
    void will_say(const std::string& words) const { ASSERT_TRUE(write_all(launcher.get(), words)); }

    Fd launcher;
    std::optional<Client> client;
};

TEST_F(Asked, SaysWhatHydraUnderstands) {
    will_say("cmd=response_to_init pmi_version=1 pmi_subversion=1 rc=0\ncmd=my_kvsname kvsname=kvs_1_0\n");
    will_say("cmd=maxes kvsname_max=256 keylen_max=64 vallen_max=1024\ncmd=universe_size size=8\n");
    will_say("cmd=put_result rc=0 msg=success\ncmd=get_result rc=0 msg=success value=a=b\n");
    will_say("cmd=barrier_out\ncmd=finalize_ack\n");
    EXPECT_TRUE(client->init());
    EXPECT_EQ(client->kvsname().value_or(""), "kvs_1_0");
    EXPECT_EQ(client->longest_value().value_or(0), 1024U);
    EXPECT_EQ(client->universe_size(2), 8U);
    EXPECT_TRUE(client->put("kvs_1_0", "key", "value"));
    EXPECT_EQ(client->get("kvs_1_0", "key").value_or(""), "a=b");
    EXPECT_TRUE(client->enter_barrier());
    EXPECT_TRUE(client->leave_barrier());
    EXPECT_TRUE(client->finalize());
    client->abort(3);
    EXPECT_EQ(
        take_all(launcher),
        "cmd=init pmi_version=1 pmi_subversion=1\ncmd=get_my_kvsname\ncmd=get_maxes\ncmd=get_universe_size\n"
        "cmd=put kvsname=kvs_1_0 key=key value=value\ncmd=get kvsname=kvs_1_0 key=key\ncmd=barrier_in\n"
        "cmd=finalize\ncmd=abort exitcode=3\n");
    EXPECT_EQ(client->told_size(), std::nullopt);
}

TEST_F(Asked, WaitsForAnAnswerInPieces) {
    std::thread slow([&] {
        for (const char byte : std::string("cmd=get_result rc=0 value=whole\n")) {
            write_all(launcher.get(), {&byte, 1});
            std::this_thread::yield();
        }
    });
    EXPECT_EQ(client->get("k", "key").value_or(""), "whole");
    slow.join();
}

TEST_F(Asked, IsToldOfTheBarriersEndByItsSocket) {
    ASSERT_TRUE(client->enter_barrier());
    pollfd readable{client->fd(), POLLIN, 0};
    EXPECT_EQ(::poll(&readable, 1, 0), 0);
    will_say("cmd=barrier_out rc=0\n");
    EXPECT_EQ(::poll(&readable, 1, 0), 1);
    EXPECT_TRUE(client->leave_barrier());
}

TEST_F(Asked, ARefusalIsPassedOn) {
    will_say("cmd=get_result rc=-1 msg=key_not_found value=unknown\n");
    EXPECT_THAT(trouble(client->get("k", "key")), HasSubstr("refused a request: key_not_found"));
    will_say("cmd=response_to_init rc=-1\n");
    EXPECT_THAT(trouble(client->init()), HasSubstr("refused a request"));
}

TEST_F(Asked, AnotherAnswerIsAFailure) {
    will_say("cmd=put_result rc=0\n");
    EXPECT_THAT(trouble(client->get("k", "key")), HasSubstr("'put_result' in place of 'get_result'"));
    will_say("garbage\n");
    EXPECT_THAT(trouble(client->init()), HasSubstr("'' in place of 'response_to_init'"));
}

TEST_F(Asked, AnAnswerWithoutWhatWasAskedForIsAFailure) {
    will_say(
        "cmd=get_result rc=0\ncmd=my_kvsname\ncmd=maxes\ncmd=maxes vallen_max=x\ncmd=maxes vallen_max=63\n");
    EXPECT_THAT(trouble(client->get("k", "key")), HasSubstr("without a value"));
    EXPECT_THAT(trouble(client->kvsname()), HasSubstr("without a kvsname"));
    EXPECT_THAT(trouble(client->longest_value()), HasSubstr("no values longer than 0"));
    EXPECT_THAT(trouble(client->longest_value()), HasSubstr("no values longer than 0"));
    EXPECT_THAT(trouble(client->longest_value()), HasSubstr("no values longer than 63"));
}

TEST_F(Asked, AUniverseThatNobodyKnowsIsTheJob) {
    will_say("cmd=universe_size\ncmd=universe_size size=-1\ncmd=universe_size rc=-1\n");
    EXPECT_EQ(client->universe_size(4), 4U);
    EXPECT_EQ(client->universe_size(4), 4U);
    EXPECT_EQ(client->universe_size(4), 4U);
}

TEST_F(Asked, WhatIsNoPmiIsAFailure) {
    will_say(std::string(max_message + 1, 'x'));
    EXPECT_THAT(trouble(client->init()), HasSubstr("does not speak PMI-1"));
}

TEST_F(Asked, ALauncherThatHangsUpIsAFailureAndNoSignal) {
    will_say("cmd=response_to_init rc=0\ncmd=my_kvs");
    EXPECT_TRUE(client->init());
    launcher.reset();
    EXPECT_THAT(trouble(client->kvsname()), HasSubstr("hung up"));
    EXPECT_THAT(trouble(client->put("k", "key", "value")), HasSubstr("hung up"));
    EXPECT_FALSE(client->enter_barrier());
    EXPECT_FALSE(client->leave_barrier());
    client->abort(1);
}

TEST_F(Asked, ALauncherThatDoesNotAnswerIsWaitedForNoLongerThanTheBound) {
    Client impatient(Fd(::fcntl(client->fd(), F_DUPFD_CLOEXEC, 0)), short_time);
    EXPECT_THAT(trouble(impatient.kvsname()), HasSubstr("does not answer"));
    will_say("cmd=my_kvsname kvsna");
    EXPECT_THAT(trouble(impatient.leave_barrier()), HasSubstr("does not answer"));
}

TEST_F(Asked, ALauncherThatReadsNothingIsWaitedForNoLongerThanTheBound) {
    Client impatient(Fd(::fcntl(client->fd(), F_DUPFD_CLOEXEC, 0)), short_time);
    auto sent = impatient.enter_barrier();
    for (int attempt = 0; sent && attempt < 1'000'000; ++attempt) {
        sent = impatient.enter_barrier();
    }
    EXPECT_THAT(trouble(sent), HasSubstr("does not answer"));
}

TEST_F(Asked, UnderstandsOurOwnServer) {
    test::FakeJob job;
    std::thread server([&] {
        Server serves(job);
        std::array<char, 4096> bytes{};
        while (!serves.is_done()) {
            const auto count = ::read(launcher.get(), bytes.data(), bytes.size());
            if (count <= 0 ||
                !write_all(launcher.get(), serves.take({bytes.data(), static_cast<std::size_t>(count)}))) {
                return;
            }
        }
    });
    EXPECT_TRUE(client->init());
    const auto kvsname = client->kvsname().value_or("");
    EXPECT_EQ(kvsname, "job-1");
    EXPECT_EQ(client->get(kvsname, "PMI_process_mapping").value_or(""), "(vector,(0,2,1))");
    EXPECT_TRUE(client->put(kvsname, "key", "value"));
    EXPECT_TRUE(client->enter_barrier() && client->leave_barrier());
    EXPECT_EQ(client->get(kvsname, "key").value_or(""), "value");
    EXPECT_THAT(trouble(client->get(kvsname, "none")), HasSubstr("no_such_key"));
    EXPECT_EQ(client->universe_size(2), 8U);
    EXPECT_TRUE(client->finalize());
    server.join();
    EXPECT_THAT(job.asked, ElementsAre("join", "exchange key=value", "leave"));
}

// ---- PMI_PORT

/// A socket that listens on the loopback, and where.
struct Loopback {
    explicit Loopback(int backlog) : socket(::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0)) {
        sockaddr_in address{};
        address.sin_family = AF_INET;
        address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
        socklen_t size = sizeof address;
        auto* const any = reinterpret_cast<sockaddr*>(&address);
        EXPECT_EQ(::bind(socket.get(), any, size), 0);
        EXPECT_EQ(::listen(socket.get(), backlog), 0);
        EXPECT_EQ(::getsockname(socket.get(), any, &size), 0);
        port = "127.0.0.1:" + std::to_string(ntohs(address.sin_port));
    }
    Fd socket;
    std::string port;
};

/// A launcher that says one thing to one client.
class Listening {
public:
    explicit Listening(std::string words) {
        thread_ = std::thread([this, answer = std::move(words)] {
            const Fd client(::accept4(loopback_.socket.get(), nullptr, nullptr, SOCK_CLOEXEC));
            std::array<char, 4096> bytes{};
            const auto count = ::read(client.get(), bytes.data(), bytes.size());
            heard_.assign(bytes.data(), static_cast<std::size_t>(std::max<ssize_t>(count, 0)));
            write_all(client.get(), answer);
        });
    }
    Listening(const Listening&) = delete;
    Listening& operator=(const Listening&) = delete;
    ~Listening() { thread_.join(); }

    [[nodiscard]] const std::string& port() const { return loopback_.port; }
    /// Only once the client was answered.
    [[nodiscard]] const std::string& heard() const { return heard_; }

private:
    Loopback loopback_{1};
    std::string heard_;
    std::thread thread_;
};

TEST(PmiPort, ThePmiidIsAnsweredWithWhoOneIs) {
    const Listening launcher("cmd=initack\ncmd=set size=4\ncmd=set rank=2\ncmd=set debug=0\n");
    const auto client = Client::connect(launcher.port(), "2");
    ASSERT_TRUE(client) << client.error().message;
    EXPECT_EQ(client->told_size(), 4U);
    EXPECT_EQ(launcher.heard(), "cmd=initack pmiid=2\n");
}

TEST(PmiPort, WhatComesWithTheHandshakeIsNotLost) {
    const Listening launcher(
        "cmd=initack\ncmd=set size=4\ncmd=set rank=2\ncmd=set debug=0\ncmd=barrier_out\n");
    auto client = Client::connect(launcher.port(), "2");
    ASSERT_TRUE(client) << client.error().message;
    EXPECT_TRUE(client->leave_barrier());
}

TEST(PmiPort, AnyOtherHandshakeIsAFailure) {
    for (const char* words :
         {"", "cmd=initack rc=-1 msg=who\n", "cmd=initack\n", "cmd=initack\ncmd=set size=4\n",
          "cmd=set size=4\n", "cmd=initack\ncmd=set size=4\ncmd=no rank=2\ncmd=set debug=0\n"}) {
        const Listening launcher(words);
        EXPECT_FALSE(Client::connect(launcher.port(), "2")) << words;
    }
}

TEST(PmiPort, ThatNobodyListensAtIsAFailureThatSaysWhy) {
    std::string port;
    {
        const Listening gone("");
        port = gone.port();
        EXPECT_FALSE(Client::connect(port, "0"));
    }
    EXPECT_THAT(trouble(Client::connect(port, "0")), HasSubstr("Connection refused"));
    EXPECT_THAT(trouble(Client::connect("127.0.0.1:none-of-that-name", "0")), HasSubstr("No route to host"));
    EXPECT_THAT(trouble(Client::connect("no-port", "0")), HasSubstr("no HOST:PORT: no-port"));
}

TEST(PmiPort, ThatIsNeverAnsweredAtIsAFailureOnceTheBoundIsOver) {
    const Loopback silent(8);
    EXPECT_THAT(trouble(Client::connect(silent.port, "0", short_time)), HasSubstr("does not answer"));
}

TEST(PmiPort, ThatLetsNobodyInIsAFailureOnceTheBoundIsOver) {
    const Loopback full(0);  // room for one, who waits to be let in and so keeps all others out
    EXPECT_THAT(trouble(Client::connect(full.port, "0", short_time)), HasSubstr("does not answer"));
    EXPECT_THAT(trouble(Client::connect(full.port, "0", short_time)), HasSubstr("Connection timed out"));
}

}  // namespace
}  // namespace mpi_podman::pmi
