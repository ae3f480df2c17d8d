#include "wire/packet.hpp"

#include <fcntl.h>
#include <gtest/gtest.h>
#include <sys/socket.h>
#include <unistd.h>

#include <array>
#include <filesystem>
#include <string>

namespace mpi_podman {
namespace {

class Packets : public testing::Test {
protected:
    Packets() {
        std::array<int, 2> ends{-1, -1};
        EXPECT_EQ(::socketpair(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC, 0, ends.data()), 0);
        ours = Fd(ends[0]);
        theirs = Fd(ends[1]);
    }
    [[nodiscard]] bool send(const std::string& text, int fd = -1) const {
        return send_packet(ours.get(), std::as_bytes(std::span(text)), fd);
    }
    [[nodiscard]] Packet receive(std::string& room) const {
        return receive_packet(theirs.get(), std::as_writable_bytes(std::span(room)));
    }
    Fd ours, theirs;
};

TEST_F(Packets, EachArrivesAsItWasSent) {
    const std::string first("a\0b", 3), second(60'000, 'x');
    ASSERT_TRUE(send(first));
    ASSERT_TRUE(send(second));
    std::string room(64UL * 1024, '\0');
    for (const auto& sent : {first, second}) {
        const auto packet = receive(room);
        EXPECT_TRUE(packet.whole);
        EXPECT_FALSE(packet.fd);
        EXPECT_EQ(room.substr(0, packet.size), sent);
    }
}

TEST_F(Packets, OneLongerThanTheRoomIsNotWholeAndTheNextIs) {
    ASSERT_TRUE(send("12345"));
    ASSERT_TRUE(send("1234"));
    std::string room(4, '\0');
    const auto longer = receive(room);
    EXPECT_FALSE(longer.whole);
    EXPECT_EQ(longer.size, 4U);
    const auto next = receive(room);
    EXPECT_TRUE(next.whole);
    EXPECT_EQ(next.size, 4U);
}

TEST_F(Packets, ADescriptorComesAlongThoughTheRoomIsShort) {
    const Fd null(::open("/dev/null", O_RDONLY | O_CLOEXEC));
    ASSERT_TRUE(send("12345", null.get()));
    std::string room(1, '\0');
    const auto packet = receive(room);
    EXPECT_FALSE(packet.whole);
    ASSERT_TRUE(packet.fd);
    EXPECT_NE(::fcntl(packet.fd.get(), F_GETFD) & FD_CLOEXEC, 0);
}

TEST_F(Packets, OfDescriptorsThatNobodyAskedForNoneStaysOpen) {
    const auto open_descriptors = [] {
        const std::filesystem::directory_iterator all("/proc/self/fd");
        return std::distance(begin(all), end(all));
    };
    const Fd null(::open("/dev/null", O_RDONLY | O_CLOEXEC));
    const auto before = open_descriptors();
    for (const auto* text : {"", "x"}) {
        for (int i = 0; i < 10; ++i) {
            ASSERT_TRUE(send(text, null.get()));
            std::string room(8, '\0');
            EXPECT_TRUE(receive(room).fd) << "with <" << text << ">";
        }
    }
    EXPECT_EQ(open_descriptors(), before);
}

TEST_F(Packets, TheSenderIsNamedOnlyWhereThatWasAskedFor) {
    ASSERT_TRUE(send("x"));
    std::string room(8, '\0');
    EXPECT_EQ(receive(room).peer_pid, 0);
    const int on = 1;
    ASSERT_EQ(::setsockopt(theirs.get(), SOL_SOCKET, SO_PASSCRED, &on, sizeof on), 0);
    const Fd null(::open("/dev/null", O_RDONLY | O_CLOEXEC));
    ASSERT_TRUE(send("x", null.get()));
    const auto packet = receive(room);
    EXPECT_EQ(packet.peer_pid, ::getpid());
    EXPECT_EQ(packet.peer_uid, ::getuid());
    EXPECT_TRUE(packet.fd) << "there is room for both";
}

TEST_F(Packets, APeerThatIsGoneIsOfNoSize) {
    ours.reset();
    std::string room(8, '\0');
    EXPECT_EQ(receive(room).size, 0U);
    const std::string text = "x";
    EXPECT_FALSE(send_packet(theirs.get(), std::as_bytes(std::span(text)))) << "and no SIGPIPE";
}

TEST_F(Packets, WithoutABlockingSocketNothingIsWaitedFor) {
    ASSERT_EQ(::fcntl(theirs.get(), F_SETFL, O_NONBLOCK), 0);
    ASSERT_EQ(::fcntl(ours.get(), F_SETFL, O_NONBLOCK), 0);
    std::string room(8, '\0');
    EXPECT_EQ(receive(room).size, 0U);
    std::size_t sent = 0;
    while (sent < 100'000 && send(std::string(1000, 'x'))) {
        ++sent;
    }
    EXPECT_LT(sent, 100'000U) << "a peer that does not read is not waited for";
}

}  // namespace
}  // namespace mpi_podman
