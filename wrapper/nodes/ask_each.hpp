/// Runs a command for each of several nodes, all at once, and collects what they say.
#pragma once

#include <functional>
#include <string>
#include <vector>

namespace mpi_podman {

struct Reply {
    int status = 0;        ///< exit status; 128 + n where signal n ended it
    std::string out, err;  ///< the first MiB of each
    std::string none;      ///< why there is no reply; empty: there is one
};

/// `command` gives the words for a node; a reply for each name, in their order. Many at a time, but not more
/// than an sshd takes; one that does not end within 30 s is killed. Says on stderr how far it is, where that
/// is a terminal.
std::vector<Reply> ask_each(const std::vector<std::string>& names,
                            const std::function<std::vector<std::string>(const std::string&)>& command);

/// Why mpi-podman gave no answer on that node, by what ssh, a shell or mpi-podman said instead. Pure.
std::string problem_of(const Reply& reply);

}  // namespace mpi_podman
