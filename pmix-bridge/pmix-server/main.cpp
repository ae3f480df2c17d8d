/// pmix-server DIRECTORY: serves PMIx to the ranks of one node, in a job whose launcher speaks PMI. The first
/// wrapper of the node starts it, with the socket that all of them connect to as fd 3. DIRECTORY is the
/// job's.
///
///     wrapper                                       pmix-server
///        rank, size, PMI_PORT, PMI_ID + PMI_FD  -->
///                                               <-- the variables the rank needs, or `error` and `hint`
///
/// The connection is the rank's place. It ends with the last one.

#include <unistd.h>

#include <csignal>

#include "pmix-server/library.hpp"
#include "pmix-server/node_server.hpp"
#include "sys/fd.hpp"

namespace mpi_podman {
namespace {

constexpr int listening = 3;

int run(const char* directory) {
    auto library = Library::start(directory);
    if (!library) {
        write_all(STDERR_FILENO, library.error().message + "\n");
        return 1;
    }
    NodeServer server(std::move(*library), directory, listening);
    const auto served = server.serve();
    if (!served) {
        write_all(STDERR_FILENO, served.error().message + "\n");
        server.break_off(served.error());
    }
    return served ? 0 : 1;
}

}  // namespace
}  // namespace mpi_podman

int main(int argc, char** argv) {
    using namespace mpi_podman;
    if (argc != 2) {
        write_all(STDERR_FILENO, "mpi-podman: pmix-server is started by mpi-podman\n");
        return 2;
    }
    static_cast<void>(::signal(SIGPIPE, SIG_IGN));
    raise_limit_of_files();  // each rank takes three here
    ::_exit(run(argv[1]));   // libpmix's thread still runs, and may use what exit(3) would destroy
}
