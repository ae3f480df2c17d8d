/// The bridge to a launcher that speaks PMIx, of a rank that speaks PMI: a pmi-server, which is the wrapper's
/// child and serves this rank alone. The rank's first word starts it, so that a program without MPI pays
/// nothing; but where only PMIx tells the number of ranks, it is there before the rank.
#pragma once

#include <optional>
#include <string>

#include "run/bridge.hpp"
#include "sys/fd.hpp"
#include "sys/process.hpp"

namespace mpi_podman {

class PmiServerBridge final : public RankBridge {
public:
    /// Makes the rank's socket. Fails where the launcher does not tell the rank's number or the job's size.
    static Result<std::unique_ptr<RankBridge>> open(const Plan& plan, const JobDirectory& directory);

    [[nodiscard]] int rank_fd() const override { return rank_end_.get(); }
    [[nodiscard]] std::vector<int> fds() const override;
    void rank_has_started() override { rank_end_.reset(); }
    [[nodiscard]] int fd() const override;
    bool serve() override;
    [[nodiscard]] std::optional<Error> trouble() const override { return trouble_; }
    Result<void> end() override;

private:
    PmiServerBridge(Variables variables, std::string program, std::string directory, Fd rank_end,
                    Fd server_end);
    bool start_server();
    bool run_server(std::vector<std::string> command, const Fd& out);
    Result<std::uint32_t> size_as_the_launcher_tells();
    bool server_ended();

    std::string program_, directory_;  ///< pmi-server's, and the job's
    Fd rank_end_, server_end_;         ///< of a socket pair: each until the one it is for has its own copy
    Fd words_;                         ///< pmi-server's stderr, a file of its memory
    std::optional<Child> server_;
    std::optional<Error> trouble_;
};

}  // namespace mpi_podman
