/// PMIx for the ranks of one node, in a job whose launcher speaks PMI: takes wrappers and their ranks in, and
/// hands on between libpmix and the launcher.
#pragma once

#include <cstddef>
#include <cstdint>
#include <deque>
#include <map>
#include <optional>

#include "pmi/family.hpp"
#include "pmi/values.hpp"
#include "pmix-server/launcher_job.hpp"
#include "pmix-server/library.hpp"
#include "sys/fd.hpp"
#include "sys/result.hpp"

namespace mpi_podman {

class NodeServer {
public:
    /// `directory` is the job's; `listening` is the socket that wrappers connect to; it does not block.
    NodeServer(Library library, std::string directory, int listening);

    /// Serves until the last wrapper has gone. Fails where the launcher has.
    Result<void> serve();
    /// Tells all wrappers why this ends, and lets them say so: with this process goes what the launcher takes
    /// for their ranks' connections, and Hydra then kills them at once. Then asks the launcher to end the
    /// job, and has libpmix remove what the ranks asked it to.
    void break_off(const Error& why);

private:
    /// A wrapper, from its connection on; its rank's number from its request on.
    struct Place {
        Fd connection;
        std::optional<std::uint32_t> rank;
        bool connected = false, finalized = false;
    };

    Result<void> serve_some();
    void end_job(int status);
    [[nodiscard]] bool may_mix() const;
    void accept_all();
    Result<void> hear(int fd);
    Result<pmi::KeyValues> admit(Place& place, const pmi::KeyValues& request, Fd pmi_fd);
    Result<std::vector<std::string>> expect(std::uint32_t rank);
    [[nodiscard]] JobToServe job_to_serve() const;
    Result<void> leave(const Place& place);
    Place* place_of(std::uint32_t rank);
    Result<void> answer_all();
    Result<void> begin_place(std::uint32_t rank);
    template <typename Change>
    void mark(std::uint32_t rank, Change change);
    void answer_rank(const Question& question);
    Result<void> begin_exchange();
    [[nodiscard]] bool is_of_all(const Question& fence) const;
    Result<void> go_on_exchanging(int fd);
    Result<void> end_exchange();

    Library library_;
    pmi::Families families_;
    int listening_;
    std::size_t most_places_;  ///< for ranks, by the limit of open files
    LauncherJob job_;
    std::map<int, Place> places_;
    std::deque<Question> waiting_;
    std::optional<Question> exchanging_;
    bool came_ = false;
    bool have_met_ = false;  ///< all ranks, in an exchange
    bool is_full_ = false;   ///< no fd is left for one more wrapper, until one has gone
};

}  // namespace mpi_podman
