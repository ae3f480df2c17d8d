/// One rank's bridge between its MPI and its launcher, as the wrapper holds it.
#pragma once

#include <map>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "plan/plan.hpp"
#include "run/job_directory.hpp"
#include "sys/result.hpp"

namespace mpi_podman {

/// This class itself is what a rank has that needs no bridge: nothing, and nothing of it fails.
class RankBridge {
public:
    using Variables = std::map<std::string, std::string>;

    RankBridge() = default;
    RankBridge(const RankBridge&) = delete;
    RankBridge& operator=(const RankBridge&) = delete;
    RankBridge(RankBridge&&) = delete;
    RankBridge& operator=(RankBridge&&) = delete;
    virtual ~RankBridge() = default;

    /// What the rank's environment needs beside the plan's.
    [[nodiscard]] const Variables& variables() const { return variables_; }
    /// A socket the rank is to inherit, not close-on-exec; -1: none.
    [[nodiscard]] virtual int rank_fd() const { return -1; }
    /// All that it holds open: for the rank and for itself, not for processes between the two.
    [[nodiscard]] virtual std::vector<int> fds() const { return {}; }
    /// The rank has its own copy now.
    virtual void rank_has_started() {}

    /// To be polled for reading; -1: nothing.
    [[nodiscard]] virtual int fd() const { return -1; }
    /// Serves what poll(2) saw. False where the bridge has failed, so that the rank must end.
    virtual bool serve() { return true; }
    /// Why it has, once it has.
    [[nodiscard]] virtual std::optional<Error> trouble() const { return std::nullopt; }
    /// To be called when the rank has ended. Fails where it could not do without what failed.
    virtual Result<void> end() { return {}; }
    /// The rank never came, or nobody knows how it ended: until this process ends, nothing of the bridge's is
    /// to look to the launcher as if the rank had ended well.
    virtual void abandon() {}

protected:
    explicit RankBridge(Variables variables) : variables_(std::move(variables)) {}
    void set(const std::string& name, std::string value) { variables_[name] = std::move(value); }

private:
    Variables variables_;
};

/// The line that says why a bridge has failed, unless the whole job ends: then this process is killed in the
/// same moment, or asked to end, or its launcher dies. To be called before the rank is ended: as soon as one
/// has, the launcher may end this process too.
void say_trouble_of(const RankBridge& bridge, const Fd& launcher, const std::string& hostname,
                    const JobDirectory& directory);

/// The one that the plan says. Call while this process has one thread and blocks no signals. Fails where the
/// launcher, or the server, does not take the rank in, or ranks of the job use the other family of MPI.
Result<std::unique_ptr<RankBridge>> open_bridge(const Plan& plan, const JobDirectory& directory);

}  // namespace mpi_podman
