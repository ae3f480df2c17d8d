// libpmix as a server: real ranks ask, its own thread brings their questions, this one answers as NodeServer
// does. tests/run analysis does it with ThreadSanitizer.

#include "pmix-server/library.hpp"

#include <gtest/gtest.h>
#include <poll.h>
#include <unistd.h>

#include <chrono>

#include "sys/process.hpp"
#include "unit/child_process.hpp"
#include "unit/temporary_directory.hpp"

namespace mpi_podman {
namespace {

constexpr int soon = 30'000;       // milliseconds: a bound for what will never happen
constexpr std::uint32_t size = 4;  // of this node; there is one rank more on another, of which nobody hears
constexpr int rounds = 25;

/// What was asked.
struct Asked {
    int fences = 0, connected = 0, finalized = 0, others = 0;
};

void answer_as_node_server(const Question& question, Asked& asked) {
    switch (question.kind) {
        case Question::Kind::fence:
            ++asked.fences;
            answer(question, PMIX_SUCCESS, question.text);  // the other node has nothing
            return;
        case Question::Kind::connected: ++asked.connected; return;
        case Question::Kind::finalized: ++asked.finalized; break;
        case Question::Kind::abort: ++asked.others; break;
    }
    answer(question, PMIX_SUCCESS);
}

Result<Child> start_rank(Library& library, std::uint32_t rank) {
    return library.expect(rank).and_then([](const std::vector<std::string>& variables) {
        std::vector<std::string> argv{"/usr/bin/env"};
        argv.insert(argv.end(), variables.begin(), variables.end());
        argv.insert(argv.end(), {MPI_PODMAN_PMIX_RANK, std::to_string(rounds), std::to_string(size)});
        return spawn({argv});
    });
}

/// True once all ranks have finalized.
bool answer_all(Asked& asked) {
    while (asked.finalized < static_cast<int>(size)) {
        pollfd questions{questions_fd(), POLLIN, 0};
        if (::poll(&questions, 1, soon) != 1) {
            return false;
        }
        for (auto question = next_question(); question; question = next_question()) {
            answer_as_node_server(*question, asked);
        }
    }
    return true;
}

/// In a process of its own, for libpmix's thread never ends.
int serve(const std::string& directory) {
    auto library = Library::start(directory);
    pmi::Mapping nodes(size, 0);
    nodes.push_back(1);  // else libpmix would ask nobody about a fence
    if (!library || !library->serve({"job", size + 1, nodes, {"node", "other"}, 0})) {
        return 1;
    }
    std::vector<Child> ranks;
    for (std::uint32_t rank = 0; rank < size; ++rank) {
        auto started = start_rank(*library, rank);
        if (!started) {
            return 2;
        }
        ranks.push_back(std::move(*started));
    }
    Asked asked;
    if (!answer_all(asked)) {
        return 3;
    }
    for (std::uint32_t rank = 0; rank < size; ++rank) {
        if (ranks[rank].wait() != Ending{0, 0}) {
            return 4;
        }
        if (!library->forget(rank)) {
            return 6;
        }
    }
    const bool each_once =
        asked.fences == rounds && asked.connected == static_cast<int>(size) && asked.others == 0;
    return each_once && !next_question() ? 0 : 5;
}

/// What libpmix's thread calls, and does not come back from.
[[noreturn]] void wait_for_ever(pmix_status_t /*status*/, void* /*context*/) {
    while (true) {
        ::pause();
    }
}

/// As where all ranks of a node are lost at once in a fence of theirs: its thread then waits at a lock of
/// what it has freed.
int ask_one_that_is_stuck(const std::string& directory) {
    auto library = Library::start(directory, std::chrono::seconds(2));
    if (!library || !library->serve({"job", size, pmi::Mapping(size, 0), {"node"}, 0})) {
        return 1;
    }
    if (!library->expect(0) || !library->expect(1) || !library->forget(1)) {
        return 2;
    }
    const pmix_proc_t nobody{};
    PMIx_server_deregister_client(&nobody, wait_for_ever, nullptr);
    const auto forgotten = library->forget(0);
    const auto expected = library->expect(2);
    return !forgotten && !expected && forgotten.error().message.find("rank 0") != std::string::npos ? 0 : 3;
}

TEST(PmixServer, IsNotKeptByALibpmixThatIsStuck) {
    const test::TemporaryDirectory home;
    EXPECT_EQ(test::in_child([&] { return ask_one_that_is_stuck(home.path()); }), 0);
}

TEST(PmixServer, IsAskedEachQuestionOnceByAThreadOfLibpmix) {
    const test::TemporaryDirectory home;
    EXPECT_EQ(test::in_child([&] { return serve(home.path()); }), 0);
}

}  // namespace
}  // namespace mpi_podman
