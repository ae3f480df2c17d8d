/// The container that the ranks of one job share on a node: found, or started by whoever comes first.
#pragma once

#include <sys/types.h>

#include <functional>
#include <optional>
#include <string>
#include <vector>

#include "join/description.hpp"
#include "plan/plan.hpp"
#include "podman/render.hpp"
#include "record/moments.hpp"
#include "run/job_directory.hpp"
#include "run/podman_run.hpp"
#include "sys/fd.hpp"
#include "sys/result.hpp"
#include "wire/frame.hpp"

namespace mpi_podman {

/// Decides, now that the image is known.
using Decide = std::function<Result<Plan>(const ImageFacts&)>;

/// This rank's place in it. The container lasts as long as any rank holds one.
struct Place {
    Fd connection;         ///< to the agent
    Fd agent;              ///< pidfd
    pid_t agent_pid = -1;  ///< as the host sees it
    Description description;
    Fd made;  ///< in one that lingers: where directories made in it are noted
};

class NodeContainer {
public:
    /// `agent` is the agent's path on this host; `lingering_bases` are where containers that linger may have
    /// their directory.
    /// `plan_for` decides again, with the node's devices and what the container sees of the host's MPI: asked
    /// only by who starts a container.
    NodeContainer(Plan plan, Decide plan_for, const JobDirectory& directory, const std::string& agent,
                  std::vector<std::string> lingering_bases, Moments& moments);

    /// Takes a place, starting the container if there is none. Exactly one rank starts it; if that one dies
    /// over it, another does. The others wait in connect(2) and recv(2), not by asking podman. Fails where
    /// podman cannot start it: every rank of the node gets the same error.
    Result<Place> take_place();

private:
    [[nodiscard]] std::string in_directory(const std::string& name) const;
    [[nodiscard]] Frame greeting() const;
    Result<Fd> start();
    [[nodiscard]] Result<ImageFacts> bring_image() const;
    Result<void> look_at_host();
    Result<Fd> find_home();
    Result<Fd> start_for_job(Fd home);
    Result<Fd> take_or_start_lingering();
    Result<Fd> start_podman(Fd socket, Fd home);
    Result<void> wait_for_word(const Fd& connection);
    Result<Place> settle(Fd connection);
    Result<Place> be_described(Place place) const;
    void note_state_of(pid_t conmon) const;
    Result<void> podman_ended();
    Error remember(const Error& error) const;

    Plan plan_;
    Decide plan_for_;
    const JobDirectory& directory_;
    NodeCommand command_;
    const std::vector<std::string> lingering_bases_;
    Moments& moments_;
    const std::string name_;  ///< of the first container this rank starts
    int started_ = 0;
    bool looked_at_host_ = false;
    /// Names socket and files of this container in the job's directory. The socket of one that lingers is
    /// elsewhere, and this a link to it.
    std::string key_;
    std::optional<PodmanRun> podman_;  ///< where this rank started it
};

}  // namespace mpi_podman
