/// One rank's bridge between its MPI and its launcher, as the wrapper holds it.
///
/// pmi-server is the wrapper's child and serves this rank alone; it is started by the rank's first word, so
/// that a program without MPI pays nothing. pmix-server is one process for the node, nobody's child, that
/// lasts as long as any wrapper holds a connection to it.
#pragma once

#include <map>
#include <optional>
#include <string>
#include <vector>

#include "plan/plan.hpp"
#include "run/job_directory.hpp"
#include "sys/fd.hpp"
#include "sys/process.hpp"
#include "sys/result.hpp"

namespace mpi_podman {

class RankBridge {
public:
    /// By the plan; where that needs no bridge, this is nothing. Call while this process has one thread and
    /// blocks no signals. Fails where the launcher, or the server, does not take the rank in.
    static Result<RankBridge> open(const Plan& plan, const JobDirectory& directory);

    /// What the rank's environment needs beside the plan's.
    [[nodiscard]] const std::map<std::string, std::string>& variables() const { return variables_; }
    /// A socket the rank is to inherit, not close-on-exec; -1: none.
    [[nodiscard]] int rank_fd() const { return rank_end_.get(); }
    /// All that it holds open: for the rank and for itself, not for processes between the two.
    [[nodiscard]] std::vector<int> fds() const;
    /// The rank has its own copy now.
    void rank_has_started() { rank_end_.reset(); }

    /// To be polled for reading; -1: nothing.
    [[nodiscard]] int fd() const;
    /// Serves what poll(2) saw. False where the bridge has failed, so that the rank must end.
    bool serve();
    /// To be called when the rank has ended. Fails where it could not do without what failed.
    Result<void> end();

private:
    RankBridge() = default;
    Result<void> open_pmi(const Plan& plan);
    Result<void> open_pmix(const Plan& plan);
    bool start_pmi_server();
    bool pmi_server_ended();
    Result<void> connect_to_pmix_server();
    [[nodiscard]] Error last_word_of_pmix_server() const;
    [[nodiscard]] Error pmix_server_is_gone() const;

    std::string directory_, program_;
    std::map<std::string, std::string> variables_;
    Fd rank_end_;           ///< the rank's end of a socket pair
    Fd own_end_;            ///< ours: until pmi-server has it, or the connection to pmix-server
    Fd words_;              ///< pmi-server's stderr
    int launcher_fd_ = -1;  ///< the launcher's gift, which pmix-server speaks through as well
    std::optional<Child> server_;
    std::optional<Error> trouble_;
    bool is_pmix_ = false;
};

}  // namespace mpi_podman
