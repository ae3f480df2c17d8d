#include "run/relay.hpp"

#include <gtest/gtest.h>

#include <csignal>

#include "unit/stderr_of.hpp"

namespace mpi_podman {
namespace {

using test::stderr_of;

/// A relay and the end that podman and the rank write to.
struct Relayed {
    Relayed() : Relayed(make_pipe().value()) {}
    explicit Relayed(Pipe pipe)
        : relay(Relay::of_stderr(std::move(pipe.read_end))), source(std::move(pipe.write_end)) {}

    void say(std::string_view words) {
        write_all(source.get(), words);
        relay.read_some();
    }
    void write_all_there_is() {
        while (relay.wants_write() >= 0) {
            relay.write_some();
        }
    }
    Relay relay;
    Fd source;
};

/// Whether what was kept back in a child is `words`.
int kept(const Relayed& relayed, const std::string& words) { return relayed.relay.words() == words ? 0 : 1; }

TEST(StderrRelay, KeepsPodmansWordsBack) {
    const auto written = stderr_of([] {
        Relayed relayed;
        relayed.say("Error: one\n");
        relayed.say("two\n");
        relayed.write_all_there_is();
        relayed.source.reset();
        relayed.relay.finish();
        return kept(relayed, "Error: one\ntwo\n");
    });
    EXPECT_EQ(written.text, "");
    EXPECT_EQ(written.status, 0);
}

TEST(StderrRelay, PassesTheRanksWordsOn) {
    const auto written = stderr_of([] {
        Relayed relayed;
        relayed.relay.open();
        relayed.say("first\n");
        relayed.write_all_there_is();
        relayed.say("second without end");
        relayed.source.reset();
        relayed.relay.finish();
        return kept(relayed, "");
    });
    EXPECT_EQ(written.text, "first\nsecond without end");
    EXPECT_EQ(written.status, 0);
}

TEST(StderrRelay, PassesOnWhatTheRankSaidLast) {
    const auto written = stderr_of([] {
        Relayed relayed;
        relayed.relay.open();
        write_all(relayed.source.get(), std::string(60000, 'x') + "end\n");  // read by nobody yet
        relayed.source.reset();
        relayed.relay.finish();
        return kept(relayed, "");
    });
    EXPECT_EQ(written.text, std::string(60000, 'x') + "end\n");
    EXPECT_EQ(written.status, 0);
}

TEST(StderrRelay, PassesOnMuchInPieces) {
    const std::string line(50000, 'y');
    const auto written = stderr_of([&] {
        Relayed relayed;
        relayed.relay.open();
        for (int i = 0; i < 20; ++i) {
            relayed.say(line);
            relayed.write_all_there_is();
        }
        return kept(relayed, "");
    });
    EXPECT_EQ(written.text.size(), 1000000U);
}

TEST(StderrRelay, KeepsTheRuntimesWordsBackThoughTheContainerExists) {
    const std::string words =
        "{\"msg\":\"exec container process `/x`: Exec format error\",\"level\":\"error\"}\n";
    const auto written = stderr_of([&] {
        Relayed relayed;
        relayed.relay.open();
        relayed.say(words);
        relayed.write_all_there_is();
        relayed.source.reset();
        relayed.relay.finish();
        return kept(relayed, words);
    });
    EXPECT_EQ(written.text, "");
    EXPECT_EQ(written.status, 0);
}

TEST(StderrRelay, CutsAFloodOfPodmansWordsAtItsStart) {
    EXPECT_EQ(stderr_of([] {
                  Relayed relayed;
                  for (int i = 0; i < 10; ++i) {
                      relayed.say(std::string(20000, 'x'));
                  }
                  relayed.say("Error: the last");
                  const auto& words = relayed.relay.words();
                  return words.size() == 65536 && words.ends_with("xError: the last") ? 0 : 1;
              }).status,
              0);
}

TEST(StderrRelay, PollsOneSideAtATime) {
    EXPECT_EQ(
        stderr_of([] {
            Relayed relayed;
            const int source = relayed.relay.wants_read();
            const bool at_first = source >= 0 && relayed.relay.wants_write() == -1;
            relayed.relay.open();
            relayed.say("x");
            const bool with_words = relayed.relay.wants_read() == -1 && relayed.relay.wants_write() == 2;
            relayed.write_all_there_is();
            const bool written = relayed.relay.wants_read() == source && relayed.relay.wants_write() == -1;
            relayed.source.reset();
            relayed.relay.read_some();
            const bool at_the_end = relayed.relay.wants_read() == -1 && relayed.relay.wants_write() == -1;
            return at_first && with_words && written && at_the_end ? 0 : 1;
        }).status,
        0);
}

TEST(StderrRelay, GoesOnWhereNobodyReadsOurStderr) {
    EXPECT_EQ(test::in_child([] {
                  ::signal(SIGPIPE, SIG_IGN);
                  auto gone = make_pipe();
                  ::dup2(gone->write_end.get(), STDERR_FILENO);
                  gone->write_end.reset();
                  gone->read_end.reset();
                  Relayed relayed;
                  relayed.relay.open();
                  relayed.say("lost");
                  relayed.write_all_there_is();
                  return kept(relayed, "");
              }),
              0);
}

}  // namespace
}  // namespace mpi_podman
