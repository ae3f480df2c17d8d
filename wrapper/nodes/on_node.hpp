/// mpi-podman on a node, started from this one. Pure.
#pragma once

#include <string>
#include <vector>

namespace mpi_podman {

/// Where mpi-podman is started from.
struct Here {
    std::string hostname;
    std::string program;    ///< the path of mpi-podman here
    std::string directory;  ///< in which it is to run there; empty: wherever ssh begins
};

/// Whether a hostfile's name, NAME or USER@NAME, is this node.
bool is_this_node(const std::string& name, const std::string& hostname);

/// The command for mpi-podman with these words: on this node itself, or by ssh, which may ask for nothing
/// (BatchMode) and gives up a node that it does not reach within 10 s. It is taken from where it is here,
/// else from the PATH there.
std::vector<std::string> command_on(const std::string& name, const std::vector<std::string>& words,
                                    const Here& here);

}  // namespace mpi_podman
