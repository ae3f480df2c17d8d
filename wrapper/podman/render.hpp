/// A Plan as the words podman understands.
#pragma once

#include <string>
#include <vector>

#include "plan/plan.hpp"

namespace mpi_podman {

/// Whether a variable of this name in podman's own environment changes what podman does, and so cannot be
/// there for the rank alone.
bool podman_heeds(const std::string& name);

/// Files in which podman says what it has made (podman-run(1)).
struct PodmanTells {
    std::string pid;  ///< the rank's pid, once the container exists: --pidfile
    std::string id;   ///< the container's, of which something may be left whatever becomes of it: --cidfile
};

/// The argv of `podman run`; pure.
/// Where podman tells a pid, its stdout and stderr must be no terminals, and what is set for the rank must be
/// in its environment, but for what podman_heeds(). It tells nothing in a command that a person may run
/// anywhere.
std::vector<std::string> render(const Plan& plan, const PodmanTells& tells = {});

/// Stands for the ranks' commands where a node container is started, so that podman shows the ENTRYPOINT
/// before it.
inline constexpr const char* command_mark = "@";

/// What a node container runs, and where.
struct NodeCommand {
    std::string agent;  ///< its path on the host
    std::string home;   ///< the container of the same job whose pid and user linux namespaces it shares;
                        ///< empty: its own
    std::string user;   ///< UID:GID of this user
    std::string id_file = {};  ///< where podman writes the container's id; empty: nowhere
};

/// Whether the agent takes the place of podman's own init: it is pid 1 of a pid linux namespace then, with
/// which all its processes end.
bool is_init(const Plan& plan, const NodeCommand& command);

/// The argv of `podman run` for a container that the ranks of a node share; pure. What belongs to one rank
/// (its command, environment, working directory, limits) is not in it: two ranks for whom it is the same,
/// name apart, share a container. The agent finds its socket as fd 3, and as fd 4 its place in the home.
std::vector<std::string> render_node(const Plan& plan, const NodeCommand& command);

/// The same for a person: quoted for the shell, one option a line; pasted into a shell it does the same.
std::string render_shell(const Plan& plan);

/// One word quoted for a POSIX shell where it needs it.
std::string shell_quote(const std::string& word);

}  // namespace mpi_podman
