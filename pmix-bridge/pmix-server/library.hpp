/// libpmix as a server: what it is told about the job, and what it asks.
///
/// It has a thread of its own, on which its questions come. They are queued here and answered from the loop.
#pragma once

#include <pmix_server.h>

#include <chrono>
#include <cstdint>
#include <deque>
#include <mutex>
#include <optional>
#include <string>
#include <vector>

#include "pmi/mapping.hpp"
#include "sys/fd.hpp"
#include "sys/result.hpp"

namespace mpi_podman {

/// One question of libpmix. Each is answered once, by the function that fits.
struct Question {
    enum class Kind : std::uint8_t {
        fence,      ///< all ranks of this node that take part have come: exchange `text` with the others'
        connected,  ///< `rank` has initialized; nothing to answer
        abort,      ///< `rank` asks for the end of the job, with `status`
        finalized,  ///< `rank` has finalized
    };
    Kind kind = Kind::fence;
    std::uint32_t rank = 0;
    int status = 0;
    std::string text;
    std::vector<std::uint32_t> ranks;  ///< who takes part in a fence; empty: all
    pmix_modex_cbfunc_t answer_fence = nullptr;
    pmix_op_cbfunc_t answer_others = nullptr;
    void* context = nullptr;
};

/// Readable when there is a question.
int questions_fd();
/// The next question, nothing where none waits.
std::optional<Question> next_question();

/// Answers a fence with what all nodes gave, one after the other.
void answer(const Question& fence, pmix_status_t status, std::string data);
/// Answers an abort or a finalize.
void answer(const Question& question, pmix_status_t status);

/// What libpmix must know of a job before its ranks connect.
struct JobToServe {
    std::string nspace;
    std::uint32_t universe = 1;
    pmi::Mapping nodes;                   ///< of each rank
    std::vector<std::string> node_names;  ///< of each node
    std::uint32_t own_node = 0;
};

/// The server, of which a process has one.
///
/// What it is asked for libpmix's thread does, which may be stuck: where ranks are lost amid their first
/// words, or several of this node's at once in a fence, libpmix 4.2 and 5.0 free what they have freed, and
/// wait at its lock. Nothing is to be had of it then: the function that found it fails, and all after it.
class Library {
public:
    /// With its thread, which takes far less.
    static constexpr std::chrono::milliseconds usual_patience{20'000};

    /// `directory` is for libpmix's own files.
    static Result<Library> start(const std::string& directory,
                                 std::chrono::milliseconds patience = usual_patience);
    Library(Library&&) = default;
    Library& operator=(Library&&) = delete;
    Library(const Library&) = delete;
    Library& operator=(const Library&) = delete;
    ~Library() = default;

    /// Registers the job, once.
    Result<void> serve(const JobToServe& job);
    [[nodiscard]] bool serves_a_job() const { return !nspace_.empty(); }
    /// Lets this rank connect, as our own user. Returns what it needs in its environment, NAME=VALUE.
    Result<std::vector<std::string>> expect(std::uint32_t rank);
    /// A rank that has ended, however it did: removes what it asked to have removed.
    Result<void> forget(std::uint32_t rank);
    /// Whether one of these found its thread so.
    [[nodiscard]] static bool is_stuck();

private:
    explicit Library(std::chrono::milliseconds patience) : patience_(patience) {}
    std::string nspace_;
    std::chrono::milliseconds patience_;
};

}  // namespace mpi_podman
