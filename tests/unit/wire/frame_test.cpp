#include "wire/frame.hpp"

#include <fcntl.h>
#include <gtest/gtest.h>
#include <sys/socket.h>
#include <unistd.h>

#include <cstring>
#include <filesystem>
#include <random>

#include "sys/fd.hpp"

namespace mpi_podman {
namespace {

constexpr Say every_word[] = {Say::hello, Say::prepare,  Say::prepared, Say::ready,   Say::hold, Say::vacant,
                              Say::idle,  Say::stranger, Say::busy,     Say::refused, Say::full};

TEST(Frame, SaysWhatWasSaid) {
    for (const auto say : every_word) {
        for (const std::uint32_t number : {0U, 1U, 0xFFFFFFFFU}) {
            EXPECT_EQ(decode_frame(encode_frame({say, number})), (Frame{say, number}));
        }
    }
}

TEST(Frame, OfAnotherVersionIsARefusal) {
    for (const std::uint32_t version : {0U, wire_version + 1, 0xFFFFFFFFU}) {
        const auto frame = encode_frame({Say::hello}, version);
        EXPECT_EQ(decode_frame(frame), Frame{Say::refused});
        EXPECT_EQ(decode_frame(std::span(frame).first(12)), Frame{Say::refused}) << "version 2 had 12 bytes";
    }
}

TEST(Frame, OfAnyOtherLengthIsNone) {
    const auto whole = encode_frame({Say::ready});
    for (std::size_t size = 0; size < frame_size; ++size) {
        EXPECT_EQ(decode_frame(std::span(whole).first(size)), std::nullopt) << size;
    }
    std::vector<std::byte> longer(whole.begin(), whole.end());
    longer.push_back(std::byte{0});
    EXPECT_EQ(decode_frame(longer), std::nullopt);
}

TEST(Frame, WithAnUnknownWordIsNone) {
    for (const std::uint32_t word : {0U, static_cast<std::uint32_t>(Say::full) + 1, 0xFFFFFFFFU}) {
        EXPECT_EQ(decode_frame(encode_frame({static_cast<Say>(word)})), std::nullopt) << word;
    }
}

TEST(Frame, OfAnyBytesIsTakenOrNotButHurtsNobody) {
    std::mt19937 random(4711);  // NOLINT: the same each time
    for (int round = 0; round < 200000; ++round) {
        auto bytes = encode_frame({every_word[random() % std::size(every_word)]});
        for (auto changes = random() % 4; changes > 0; --changes) {
            bytes[random() % bytes.size()] = static_cast<std::byte>(random());
        }
        static_cast<void>(decode_frame(std::span(bytes).first(random() % (bytes.size() + 1))));
    }
}

class Connected : public testing::Test {
protected:
    Connected() {
        int ends[2] = {-1, -1};
        EXPECT_EQ(::socketpair(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC, 0, ends), 0);
        ours = Fd(ends[0]);
        theirs = Fd(ends[1]);
    }
    Fd ours, theirs;
};

TEST_F(Connected, AFrameArrivesWithItsDescriptor) {
    const Fd null(::open("/dev/null", O_RDONLY | O_CLOEXEC));
    ASSERT_TRUE(send_frame(ours.get(), {Say::ready}, null.get()));
    ASSERT_TRUE(send_frame(ours.get(), {Say::prepare}));
    const auto first = receive_frame(theirs.get());
    EXPECT_EQ(first.say, Say::ready);
    ASSERT_TRUE(first.fd);
    EXPECT_NE(::fcntl(first.fd.get(), F_GETFD) & FD_CLOEXEC, 0);
    const auto second = receive_frame(theirs.get());
    EXPECT_EQ(second.say, Say::prepare);
    EXPECT_FALSE(second.fd);
}

TEST_F(Connected, TheSenderIsNamedByTheKernel) {
    const int on = 1;
    ASSERT_EQ(::setsockopt(theirs.get(), SOL_SOCKET, SO_PASSCRED, &on, sizeof on), 0);
    ASSERT_TRUE(send_frame(ours.get(), {Say::hello}));
    EXPECT_EQ(receive_frame(theirs.get()).peer_pid, ::getpid());
}

TEST_F(Connected, APeerThatIsGoneIsNoFrame) {
    ours.reset();
    EXPECT_EQ(receive_frame(theirs.get()).say, std::nullopt);
    EXPECT_FALSE(send_frame(theirs.get(), {Say::hello})) << "and no SIGPIPE";
}

TEST_F(Connected, WhatAPeerSaidLastArrivesThoughItReadNothing) {
    ASSERT_TRUE(send_frame(theirs.get(), {Say::hello}));
    ASSERT_TRUE(send_frame(ours.get(), {Say::stranger}));
    ours.reset();
    EXPECT_EQ(receive_frame(theirs.get()).say, Say::stranger);
    EXPECT_EQ(receive_frame(theirs.get()).say, std::nullopt);
}

/// How many descriptors this process has.
std::ptrdiff_t open_descriptors() {
    const std::filesystem::directory_iterator all("/proc/self/fd");
    return std::distance(begin(all), end(all));
}

TEST_F(Connected, MoreDescriptorsThanOneAreClosed) {
    auto frame = encode_frame({Say::prepared});
    iovec content{frame.data(), frame.size()};
    alignas(cmsghdr) char space[CMSG_SPACE(4 * sizeof(int))] = {};
    msghdr message{};
    message.msg_iov = &content;
    message.msg_iovlen = 1;
    message.msg_control = space;
    message.msg_controllen = sizeof space;
    cmsghdr* part = CMSG_FIRSTHDR(&message);
    part->cmsg_level = SOL_SOCKET;
    part->cmsg_type = SCM_RIGHTS;
    part->cmsg_len = CMSG_LEN(4 * sizeof(int));
    const int four[] = {0, 1, 2, 0};
    std::memcpy(CMSG_DATA(part), four, sizeof four);
    ASSERT_EQ(::sendmsg(ours.get(), &message, 0), static_cast<ssize_t>(frame_size));
    const auto before = open_descriptors();
    {
        const auto received = receive_frame(theirs.get());
        EXPECT_EQ(received.say, Say::prepared);
        EXPECT_TRUE(received.fd);
        EXPECT_EQ(open_descriptors(), before + 1);
    }
    EXPECT_EQ(open_descriptors(), before);
}

TEST_F(Connected, WhatIsNoFrameIsSaidToBeNone) {
    for (const auto& bytes : {std::string("x"), std::string(15, '\0'), std::string(100000, 'y')}) {
        ASSERT_EQ(::send(ours.get(), bytes.data(), bytes.size(), 0), static_cast<ssize_t>(bytes.size()));
        EXPECT_EQ(receive_frame(theirs.get()).say, std::nullopt) << bytes.size();
    }
}

}  // namespace
}  // namespace mpi_podman
