/// The launcher's end of a rank's connection, as a test plays it.
#pragma once

#include <gtest/gtest.h>
#include <poll.h>
#include <sys/socket.h>

#include <array>
#include <string>

#include "sys/fd.hpp"

namespace mpi_podman::test {

/// What a launcher answers a rank that comes.
inline const std::string to_a_rank = "cmd=response_to_init rc=0\n";

/// The same to the first one of a node, which asks for the job too.
inline std::string to_the_first(const std::string& mapping) {
    return to_a_rank +
           "cmd=my_kvsname kvsname=kvs\ncmd=maxes vallen_max=1024\ncmd=get_result rc=0 value=" + mapping +
           "\ncmd=universe_size size=3\n";
}

/// Both ends. What the launcher says is there before it is asked for, so nobody waits.
class LauncherEnd {
public:
    explicit LauncherEnd(const std::string& words) {
        std::array<int, 2> ends{-1, -1};
        EXPECT_EQ(::socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, ends.data()), 0);
        launcher_ = Fd(ends[0]);
        rank = Fd(ends[1]);
        say(words);
    }
    void say(const std::string& words) const { EXPECT_TRUE(write_all(launcher_.get(), words)); }
    /// Waits until it has been asked this. False where that takes too long.
    bool hears(const std::string& request) {
        constexpr int patience = 30'000;  // milliseconds
        pollfd readable{launcher_.get(), POLLIN, 0};
        while (heard_.find(request) == std::string::npos) {
            std::array<char, 4096> bytes{};
            const auto count = ::poll(&readable, 1, patience) == 1
                                   ? read_some(launcher_.get(), bytes.data(), bytes.size())
                                   : 0;
            if (count <= 0) {
                return false;
            }
            heard_.append(bytes.data(), static_cast<std::size_t>(count));
        }
        return true;
    }

    Fd rank;  ///< the rank's end

private:
    Fd launcher_;
    std::string heard_;
};

}  // namespace mpi_podman::test
