/// The bridge to a launcher that speaks PMI, of a rank that speaks PMIx: a place at the node's pmix-server,
/// which is nobody's child and lasts as long as any wrapper holds a connection to it.
#pragma once

#include <optional>
#include <string>

#include "run/bridge.hpp"
#include "sys/fd.hpp"

namespace mpi_podman {

class PmixServerBridge final : public RankBridge {
public:
    /// Takes a place, starting the server if there is none. Fails where there can be none, or where it does
    /// not take the rank in: it asks the launcher first.
    static Result<std::unique_ptr<RankBridge>> open(const Plan& plan, const JobDirectory& directory);

    [[nodiscard]] std::vector<int> fds() const override;
    [[nodiscard]] int fd() const override { return trouble_ ? -1 : connection_.get(); }
    bool serve() override;
    [[nodiscard]] std::optional<Error> trouble() const override { return trouble_; }
    Result<void> end() override;
    void abandon() override;

private:
    PmixServerBridge(Variables variables, const Plan& plan, const JobDirectory& directory, Fd connection);
    void let_it_end_the_job() const;

    const JobDirectory& directory_;
    std::string hostname_;
    Fd connection_;    ///< to pmix-server
    int launcher_fd_;  ///< the launcher's gift, which pmix-server speaks through as well; or -1
    std::optional<Error> trouble_;
};

}  // namespace mpi_podman
