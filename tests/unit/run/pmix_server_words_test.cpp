#include "run/pmix_server_words.hpp"

#include <gtest/gtest.h>
#include <sys/socket.h>

#include <array>
#include <span>

#include "unit/temporary_directory.hpp"
#include "wire/packet.hpp"

namespace mpi_podman {
namespace {

using namespace std::chrono_literals;

class PmixServer : public testing::Test {
protected:
    PmixServer() {
        std::array<int, 2> ends{};
        EXPECT_EQ(::socketpair(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC, 0, ends.data()), 0);
        wrapper = Fd(ends[0]);
        server = Fd(ends[1]);
    }
    void says(const pmi::KeyValues& words) const {
        const auto block = pmi::encode_values(words);
        EXPECT_TRUE(send_packet(server.get(), std::as_bytes(std::span(block))));
    }
    Result<pmi::KeyValues> heard() { return hear_pmix_server(wrapper, home.path(), 10ms); }

    test::TemporaryDirectory home;
    Fd wrapper, server;
};

TEST_F(PmixServer, GivesTheRanksVariables) {
    says({{"PMIX_RANK", "0"}});
    EXPECT_EQ(heard().value(), (pmi::KeyValues{{"PMIX_RANK", "0"}}));
}

TEST_F(PmixServer, SaysWhyTheRankHasToEnd) {
    says({{"error", "no"}, {"hint", "try"}});
    const auto word = heard();
    EXPECT_EQ(word.error().message, "no");
    EXPECT_EQ(word.error().hint, "try");
    EXPECT_TRUE(wrapper);
}

TEST_F(PmixServer, ThatIsSilentDoesNotAnswer) {
    EXPECT_EQ(heard().error().message, "the PMIx server of this node does not answer");
    EXPECT_TRUE(wrapper) << "it may be there: nobody is to try another";
}

TEST_F(PmixServer, ThatHungUpIsGone) {
    server.reset();
    EXPECT_EQ(heard().error().message, "the PMIx server of this node is gone");
    EXPECT_FALSE(wrapper);
}

TEST_F(PmixServer, ThatIsGoneLeftItsReason) {
    home.file(pmix_server_words, "first\nlast\n");
    server.reset();
    EXPECT_EQ(heard().error().message, "the PMIx server of this node is gone: last");
}

TEST_F(PmixServer, ThatSpeaksNonsenseIsGone) {
    EXPECT_TRUE(send_packet(server.get(), std::as_bytes(std::span("abc", 3))));
    EXPECT_EQ(heard().error().message, "the PMIx server of this node is gone");
}

}  // namespace
}  // namespace mpi_podman
