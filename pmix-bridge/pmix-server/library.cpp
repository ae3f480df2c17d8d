#include "pmix-server/library.hpp"

#include <sys/eventfd.h>
#include <unistd.h>

#include <algorithm>
#include <cstdlib>
#include <memory>

#include "pmix-server/work.hpp"
#include "pmix/value.hpp"

namespace mpi_podman {
namespace {

/// Where libpmix's thread leaves its questions. Its functions are given nothing of ours, so there is one.
class Questions {
public:
    void add(Question question) {
        const std::lock_guard held(lock_);
        waiting_.push_back(std::move(question));
        const std::uint64_t one = 1;
        [[maybe_unused]] const auto written = ::write(event_.get(), &one, sizeof one);
    }
    std::optional<Question> take() {
        const std::lock_guard held(lock_);
        std::uint64_t count = 0;
        if (waiting_.empty()) {
            [[maybe_unused]] const auto emptied = ::read(event_.get(), &count, sizeof count);
            return std::nullopt;
        }
        auto question = std::move(waiting_.front());
        waiting_.pop_front();
        return question;
    }
    [[nodiscard]] int fd() const { return event_.get(); }

private:
    std::mutex lock_;
    std::deque<Question> waiting_;
    Fd event_{::eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK)};
};

Questions& questions() {
    static Questions all;
    return all;
}

// NOLINTBEGIN(modernize-avoid-c-arrays,cppcoreguidelines-avoid-c-arrays): as pmix_server.h declares them
pmix_status_t on_fence(const pmix_proc_t processes[], size_t count, const pmix_info_t /*info*/[],
                       size_t /*infos*/, char* data, size_t size, pmix_modex_cbfunc_t answer, void* context) {
    // Whoever asks for it owns the data.
    const std::unique_ptr<char, decltype(&std::free)> owner(data, &std::free);
    Question question;
    question.text = data != nullptr ? std::string(data, size) : std::string();
    for (std::size_t at = 0; at < count; ++at) {
        if (processes[at].rank == PMIX_RANK_WILDCARD) {
            question.ranks.clear();
            break;
        }
        question.ranks.push_back(processes[at].rank);
    }
    question.answer_fence = answer;
    question.context = context;
    questions().add(std::move(question));
    return PMIX_SUCCESS;
}

/// All that there is was given with the fences: what is asked for afterwards does not exist.
pmix_status_t on_direct_modex(const pmix_proc_t* /*process*/, const pmix_info_t /*info*/[], size_t /*infos*/,
                              pmix_modex_cbfunc_t /*answer*/, void* /*context*/) {
    return PMIX_ERR_NOT_FOUND;
}

Question question_of(Question::Kind kind, const pmix_proc_t& process, pmix_op_cbfunc_t answer,
                     void* context) {
    Question question;
    question.kind = kind;
    question.rank = process.rank;
    question.answer_others = answer;
    question.context = context;
    return question;
}

pmix_status_t on_abort(const pmix_proc_t* process, void* /*object*/, int status, const char message[],
                       pmix_proc_t /*processes*/[], size_t /*count*/, pmix_op_cbfunc_t answer,
                       void* context) {
    auto question = question_of(Question::Kind::abort, *process, answer, context);
    question.status = status;
    question.text = message != nullptr ? message : "";
    questions().add(std::move(question));
    return PMIX_SUCCESS;
}

// NOLINTEND(modernize-avoid-c-arrays,cppcoreguidelines-avoid-c-arrays)

pmix_status_t on_connected(const pmix_proc_t* process, void* /*object*/, pmix_op_cbfunc_t /*answer*/,
                           void* /*context*/) {
    questions().add(question_of(Question::Kind::connected, *process, nullptr, nullptr));
    return PMIX_OPERATION_SUCCEEDED;
}

pmix_status_t on_finalized(const pmix_proc_t* process, void* /*object*/, pmix_op_cbfunc_t answer,
                           void* context) {
    questions().add(question_of(Question::Kind::finalized, *process, answer, context));
    return PMIX_SUCCESS;
}

/// Nothing of a job can be controlled here; but only where there is such a function does libpmix take note of
/// the files that a rank asks to have removed behind it (PMIX_REGISTER_CLEANUP: Open MPI's shared memory),
/// which it does itself.
// NOLINTBEGIN(modernize-avoid-c-arrays,cppcoreguidelines-avoid-c-arrays): as pmix_server.h declares it
pmix_status_t on_job_control(const pmix_proc_t* /*process*/, const pmix_proc_t /*targets*/[],
                             size_t /*count*/, const pmix_info_t /*directives*/[], size_t /*infos*/,
                             pmix_info_cbfunc_t /*answer*/, void* /*context*/) {
    return PMIX_ERR_NOT_SUPPORTED;
}
// NOLINTEND(modernize-avoid-c-arrays,cppcoreguidelines-avoid-c-arrays)

pmix_server_module_t functions() {
    pmix_server_module_t all{};
    all.client_connected = on_connected;
    all.client_finalized = on_finalized;
    all.abort = on_abort;
    all.fence_nb = on_fence;
    all.direct_modex = on_direct_modex;
    all.job_control = on_job_control;
    return all;
}

void free_string(void* text) { delete static_cast<std::string*>(text); }  // NOLINT: libpmix calls it

/// What PMIx_generate_regex and PMIx_generate_ppn make of a list.
template <typename Generate>
Result<std::string> compressed(const std::string& list, Generate generate) {
    char* made = nullptr;
    const auto status = generate(list.c_str(), &made);
    const std::unique_ptr<char, decltype(&std::free)> owner(made, &std::free);
    return status == PMIX_SUCCESS ? Result<std::string>(made)
                                  : pmix_failure("libpmix cannot write " + list, status);
}

std::string join(const std::vector<std::string>& words, char separator) {
    std::string text;
    for (const auto& word : words) {
        text += (text.empty() ? "" : std::string(1, separator)) + word;
    }
    return text;
}

/// The ranks of each node, "0,1;2,3".
std::string ranks_by_node(const JobToServe& job) {
    std::vector<std::string> ranks(job.node_names.size());
    for (std::size_t rank = 0; rank < job.nodes.size(); ++rank) {
        auto& list = ranks.at(job.nodes[rank]);
        list += (list.empty() ? "" : ",") + std::to_string(rank);
    }
    return join(ranks, ';');
}

}  // namespace

int questions_fd() { return questions().fd(); }

std::optional<Question> next_question() { return questions().take(); }

void answer(const Question& fence, pmix_status_t status, std::string data) {
    auto* const kept = new std::string(std::move(data));  // NOLINT: until libpmix calls free_string
    fence.answer_fence(status, kept->data(), kept->size(), fence.context, free_string, kept);
}

void answer(const Question& question, pmix_status_t status) {
    if (question.answer_others != nullptr) {
        question.answer_others(status, question.context);
    }
}

Result<Library> Library::start(const std::string& directory, std::chrono::milliseconds patience) {
    // The store that a server can be asked for what ranks of its node gave each other, and that needs no
    // file.
    ::setenv("PMIX_MCA_gds", "hash", 1);
    // What every image's PMIx has; where one lacks what is offered (munge), it says so at length.
    ::setenv("PMIX_MCA_psec", "native", 1);
    if (!work().can_be_asked() || questions_fd() < 0) {
        return failure(Status::ours, "cannot make an event counter: " + errno_text(),
                       "raise the limit: ulimit -n");
    }
    static auto module = functions();
    Attributes how;
    how.text(PMIX_SERVER_TMPDIR, directory).text(PMIX_SYSTEM_TMPDIR, directory);
    const auto status = PMIx_server_init(&module, how.get(), how.size());
    if (status != PMIX_SUCCESS) {
        return pmix_failure("a PMIx server cannot be started", status);
    }
    return Library(patience);
}

Result<void> Library::serve(const JobToServe& job) {
    const auto nodes = compressed(join(job.node_names, ','), PMIx_generate_regex);
    const auto ranks = compressed(ranks_by_node(job), PMIx_generate_ppn);
    if (!nodes || !ranks) {
        return failure(nodes ? ranks.error() : nodes.error());
    }
    const auto size = static_cast<std::uint32_t>(job.nodes.size());
    auto facts = std::make_unique<Attributes>();
    facts->pattern(PMIX_NODE_MAP, *nodes)
        .pattern(PMIX_PROC_MAP, *ranks)
        .number(PMIX_JOB_SIZE, size)
        .number(PMIX_MAX_PROCS, size)
        .number(PMIX_UNIV_SIZE, job.universe)
        .text(PMIX_JOBID, job.nspace);
    const auto local = std::count(job.nodes.begin(), job.nodes.end(), job.own_node);
    const auto self = process_of(job.nspace, PMIX_RANK_WILDCARD);
    const auto status = work().done(
        [&](pmix_op_cbfunc_t ended, void* context) {
            return PMIx_server_register_nspace(self.nspace, static_cast<int>(local), facts->get(),
                                               facts->size(), ended, context);
        },
        patience_);
    if (is_stuck()) {
        static_cast<void>(facts.release());  // a thread that goes on all the same reads them
    }
    if (status != PMIX_SUCCESS) {
        return pmix_failure("libpmix does not serve the job", status);
    }
    nspace_ = job.nspace;
    return {};
}

Result<std::vector<std::string>> Library::expect(std::uint32_t rank) {
    const auto process = process_of(nspace_, rank);
    auto status = work().done(
        [&](pmix_op_cbfunc_t ended, void* context) {
            return PMIx_server_register_client(&process, ::geteuid(), ::getegid(), nullptr, ended, context);
        },
        patience_);
    char** block = nullptr;
    status = status == PMIX_SUCCESS ? PMIx_server_setup_fork(&process, &block) : status;
    if (status != PMIX_SUCCESS) {
        return pmix_failure("libpmix does not take rank " + std::to_string(rank) + " in", status);
    }
    std::vector<std::string> variables;
    for (char** each = block; each != nullptr && *each != nullptr; ++each) {
        variables.emplace_back(*each);
    }
    PMIX_ARGV_FREE(block);
    return variables;
}

bool Library::is_stuck() { return work().is_stuck(); }

Result<void> Library::forget(std::uint32_t rank) {
    const auto process = process_of(nspace_, rank);
    const auto status = work().done(
        [&](pmix_op_cbfunc_t ended, void* context) {
            PMIx_server_deregister_client(&process, ended, context);
            return PMIX_SUCCESS;
        },
        patience_);
    return is_stuck() ? pmix_failure("libpmix does not let rank " + std::to_string(rank) + " go", status)
                      : Result<void>();
}

}  // namespace mpi_podman
