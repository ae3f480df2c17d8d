/// pmi-server DIRECTORY [--tell-size]: serves PMI-1 and PMI-2 to one rank, whose socket is fd 3, in a job
/// whose launcher speaks PMIx. A wrapper starts it when its rank says the first word. DIRECTORY is the job's
/// on this node. With --tell-size it is started before the rank, joins the job at once, and writes the number
/// of the job's ranks to stdout: a PMI-1 rank reads that in its environment (MPICH, PMI_SIZE), and some
/// launchers (prterun) tell it over PMIx alone.
///
/// It ends with the rank's connection, or with the wrapper. Status 0: the rank is done with PMI, or hung up;
/// else the last line on stderr says what the launcher could not do, and what to do about it.

#include <sys/prctl.h>
#include <sys/socket.h>
#include <unistd.h>

#include <array>
#include <csignal>
#include <string>
#include <string_view>

#include "pmi-server/pmix_job.hpp"
#include "pmi/family.hpp"
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

Result<void> tell_size(PmixJob& job) {
    return job.join().map([](const pmi::JobFacts& facts) {
        write_all(STDOUT_FILENO, std::to_string(facts.size) + "\n");  // or the wrapper is gone, and so are we
    });
}

/// What the wrapper does where it waits for the rank's first word itself (run/pmi_server_bridge.cpp).
Result<void> see_the_first_word(const char* directory) {
    char byte = 0;
    return ::recv(rank_fd, &byte, 1, MSG_PEEK) > 0 ? pmi::Families(directory).speak(pmi::Family::pmi)
                                                   : Result<void>();
}

int serve_from_the_start(const char* directory) {
    PmixJob job(directory);
    const auto begun = tell_size(job).and_then([&] { return see_the_first_word(directory); });
    if (!begun) {
        return report(begun.error());
    }
    pmi::Server server(job);
    serve(server);
    if (!server.has_joined()) {
        job.leave();  // a program without MPI: for the launcher, who joined and does not leave has died
    }
    return report(server.trouble());
}

int serve_from_the_first_word(const char* directory) {
    PmixJob job(directory);
    pmi::Server server(job);
    serve(server);
    return report(server.trouble());
}

}  // namespace
}  // namespace mpi_podman

int main(int argc, char** argv) {
    using namespace mpi_podman;
    const bool from_the_start = argc == 3 && std::string_view(argv[2]) == "--tell-size";
    if (argc != 2 && !from_the_start) {
        write_all(STDERR_FILENO, "mpi-podman: pmi-server is started by mpi-podman\n");
        return 2;
    }
    leave_signals_to_the_rank();
    return from_the_start ? serve_from_the_start(argv[1]) : serve_from_the_first_word(argv[1]);
}
