/// The agent: the first process of a node container. It holds the container open for the ranks, which enter
/// by themselves (wrapper/join), hands the container's description from the first of them to the others,
/// reaps what they leave, and ends with the last: then the kernel ends everything that is still in its pid
/// linux namespace. Where a container-keeper holds it for the next job, it ends all other processes itself.
/// Started by a rank-keeper's child it becomes that rank (wire/execute).
///
/// Static, without libraries: it must start in any image. Fd 3 is the socket the ranks connect to.

#include <fcntl.h>
#include <sys/prctl.h>
#include <sys/socket.h>

#include <csignal>
#include <span>
#include <string_view>

#include "agent/agent.hpp"
#include "sys/fd.hpp"
#include "wire/execute.hpp"

namespace mpi_podman {
namespace {

constexpr int listening = 3;  // podman's first preserved fd

/// Whether a wrapper's socket is there: else it is the image that starts this program.
bool is_started_by_wrapper() {
    int listens = 0;
    socklen_t size = sizeof listens;
    return ::getsockopt(listening, SOL_SOCKET, SO_ACCEPTCONN, &listens, &size) == 0 && listens == 1;
}

}  // namespace
}  // namespace mpi_podman

int main(int argc, char** argv) {
    constexpr int fewest = 4;
    if (argc >= fewest && std::string_view(argv[0]) == mpi_podman::become_rank_word) {
        mpi_podman::become_rank({argv + 1, static_cast<std::size_t>(argc) - 1});
    }
    if (!mpi_podman::is_started_by_wrapper()) {
        mpi_podman::write_all(STDERR_FILENO, "mpi-podman: the agent is started by mpi-podman\n");
        return static_cast<int>(mpi_podman::Status::usage);
    }
    // The ranks run as the same user in the same namespaces: none may look into the agent or stop it
    // (ptrace(2)).
    ::prctl(PR_SET_DUMPABLE, 0);
    // The programs that handed it on set it to blocking (Go's os.File.Fd does).
    ::fcntl(mpi_podman::listening, F_SETFL, O_NONBLOCK);
    mpi_podman::raise_limit_of_files();  // each rank takes one here; podman gave it the first rank's
    mpi_podman::Agent agent(mpi_podman::listening,
                            mpi_podman::open_signalfd({SIGCHLD, SIGTERM, SIGINT, SIGHUP, SIGQUIT}));
    agent.serve();
    return 0;
}
