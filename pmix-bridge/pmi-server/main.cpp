/// pmi-server DIRECTORY: serves PMI-1 and PMI-2 to one rank, whose socket is fd 3, in a job whose launcher
/// speaks PMIx. A wrapper starts it when its rank says the first word. DIRECTORY is the job's on this node.
///
/// It ends with the rank's connection, or with the wrapper. Status 0: the rank is done with PMI, or hung up;
/// else the last line on stderr says what the launcher could not do, and what to do about it.

#include <sys/prctl.h>
#include <unistd.h>

#include <array>
#include <csignal>

#include "pmi-server/pmix_job.hpp"
#include "pmi/server.hpp"
#include "sys/fd.hpp"

namespace mpi_podman {
namespace {

constexpr int rank_fd = 3;

/// A signal to the launcher's slot is the rank's; this process ends with what it serves.
void leave_signals_to_the_rank() {
    sigset_t all;
    ::sigfillset(&all);
    ::sigdelset(&all, SIGALRM);
    ::sigprocmask(SIG_SETMASK, &all, nullptr);
    ::prctl(PR_SET_PDEATHSIG, SIGKILL);
}

void serve(pmi::Server& server) {
    std::array<char, 4096> bytes{};
    while (!server.is_done()) {
        const auto count = ::read(rank_fd, bytes.data(), bytes.size());
        if (count <= 0 || !write_all(rank_fd, server.take({bytes.data(), static_cast<std::size_t>(count)}))) {
            return;
        }
    }
}

int report(const std::optional<Error>& trouble) {
    if (trouble) {
        write_all(STDERR_FILENO,
                  trouble->message + (trouble->hint.empty() ? "" : "; " + trouble->hint) + "\n");
    }
    return trouble ? 1 : 0;
}

}  // namespace
}  // namespace mpi_podman

int main(int argc, char** argv) {
    if (argc != 2) {
        mpi_podman::write_all(STDERR_FILENO, "mpi-podman: pmi-server is started by mpi-podman\n");
        return 2;
    }
    mpi_podman::leave_signals_to_the_rank();
    mpi_podman::PmixJob job(argv[1]);
    mpi_podman::pmi::Server server(job);
    mpi_podman::serve(server);
    return mpi_podman::report(server.trouble());
}
