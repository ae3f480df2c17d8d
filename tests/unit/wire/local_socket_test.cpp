#include "wire/local_socket.hpp"

#include <gtest/gtest.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>
#include <filesystem>

#include "unit/child_process.hpp"
#include "unit/temporary_directory.hpp"
#include "wire/packet.hpp"

namespace mpi_podman {
namespace {

class Sockets : public testing::Test {
protected:
    static Fd accept(const Fd& listening) {
        return Fd(::accept4(listening.get(), nullptr, nullptr, SOCK_CLOEXEC));
    }
    static std::ptrdiff_t open_descriptors() {
        const std::filesystem::directory_iterator all("/proc/self/fd");
        return std::distance(begin(all), end(all));
    }
    test::TemporaryDirectory directory;
};

TEST_F(Sockets, WhoConnectsIsHeardAndNamed) {
    const auto listening = listen_in(directory.path(), "socket");
    ASSERT_TRUE(listening);
    const auto client = connect_in(directory.path(), "socket");
    ASSERT_TRUE(client);
    const auto server = accept(listening);
    ASSERT_TRUE(server);
    const std::string text = "hello";
    ASSERT_TRUE(send_packet(server.get(), std::as_bytes(std::span(text))));
    std::string room(64, '\0');
    const auto packet = receive_packet(client.get(), std::as_writable_bytes(std::span(room)));
    EXPECT_EQ(room.substr(0, packet.size), text);
    EXPECT_EQ(packet.peer_pid, ::getpid()) << "the client has the kernel say who the server is";
}

TEST_F(Sockets, ListeningDoesNotBlock) {
    const auto listening = listen_in(directory.path(), "socket");
    EXPECT_FALSE(accept(listening));
    EXPECT_EQ(errno, EAGAIN);
}

TEST_F(Sockets, NobodyElseMayConnectWhateverTheUmask) {
    const auto before = ::umask(0);
    const auto listening = listen_in(directory.path(), "socket");
    ::umask(before);
    struct stat info {};
    ASSERT_EQ(::stat((directory / "socket").c_str(), &info), 0);
    EXPECT_EQ(info.st_mode & 0777U, 0600U);
}

TEST_F(Sockets, ADirectoryMayHaveAnyLength) {
    const auto deep = directory.directory(std::string(200, 'a') + "/" + std::string(200, 'b'));
    const auto listening = listen_in(deep, "socket");
    ASSERT_TRUE(listening);
    EXPECT_TRUE(connect_in(deep, "socket"));
}

TEST_F(Sockets, OneWhoseOwnerDiedIsReplaced) {
    listen_in(directory.path(), "socket").reset();
    EXPECT_FALSE(connect_in(directory.path(), "socket"));
    EXPECT_EQ(errno, ECONNREFUSED);
    EXPECT_TRUE(nobody_listens());
    const auto again = listen_in(directory.path(), "socket");
    ASSERT_TRUE(again);
    EXPECT_TRUE(connect_in(directory.path(), "socket"));
}

TEST_F(Sockets, WhereThereIsNoneNobodyAnswersAndNoneCanBeMade) {
    EXPECT_FALSE(connect_in(directory.path(), "socket"));
    EXPECT_EQ(errno, ENOENT);
    EXPECT_TRUE(nobody_listens());
    EXPECT_FALSE(connect_in(directory / "none", "socket"));
    EXPECT_TRUE(nobody_listens());
    EXPECT_FALSE(listen_in(directory / "none", "socket"));
    EXPECT_EQ(errno, ENOENT);
}

TEST_F(Sockets, WhoCannotLookIntoTheDirectoryDoesNotSayThatNobodyListens) {
    const auto file = directory.file("file", "");
    EXPECT_FALSE(connect_in(file, "socket"));
    EXPECT_EQ(errno, ENOTDIR);
    EXPECT_FALSE(nobody_listens());
    EXPECT_FALSE(listen_in(file, "socket"));
    EXPECT_EQ(errno, ENOTDIR);
}

/// Leaves this process no more than so many fds.
void leave_fds(std::ptrdiff_t most) {
    const Fd next(::dup(STDIN_FILENO));
    rlimit limit{};
    ::getrlimit(RLIMIT_NOFILE, &limit);
    limit.rlim_cur = static_cast<rlim_t>(next.get() + most);
    ::setrlimit(RLIMIT_NOFILE, &limit);
}

TEST_F(Sockets, OneThatListensIsNotTakenForDeadWhereThereIsNoFd) {
    const auto listening = listen_in(directory.path(), "socket");
    ASSERT_TRUE(listening);
    for (const int fds : {0, 1}) {  // one opens the directory, and then there is none for the socket
        EXPECT_EQ(test::in_child([&] {
                      leave_fds(fds);
                      const bool connected = static_cast<bool>(connect_in(directory.path(), "socket"));
                      return connected || errno != EMFILE || nobody_listens() ? 1 : 0;
                  }),
                  0)
            << fds;
        EXPECT_EQ(test::in_child([&] {
                      leave_fds(fds);
                      return listen_in(directory.path(), "socket") || errno != EMFILE ? 1 : 0;
                  }),
                  0)
            << fds;
        EXPECT_TRUE(connect_in(directory.path(), "socket")) << fds;
    }
}

TEST_F(Sockets, NoDescriptorIsLeftOver) {
    const auto before = open_descriptors();
    {
        const auto listening = listen_in(directory.path(), "socket");
        const auto client = connect_in(directory.path(), "socket");
        EXPECT_EQ(open_descriptors(), before + 2);
    }
    EXPECT_FALSE(connect_in(directory.path(), "socket"));
    EXPECT_EQ(open_descriptors(), before);
}

}  // namespace
}  // namespace mpi_podman
