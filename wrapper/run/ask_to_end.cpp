#include "run/ask_to_end.hpp"

#include <fcntl.h>
#include <poll.h>

#include "pmi/client.hpp"

namespace mpi_podman {
namespace {

using namespace std::chrono_literals;

constexpr auto patience = 2s;
constexpr int time_for_others = 1000;  // milliseconds

Result<pmi::Client> connection_to(const PmiEndpoint& endpoint, const Environment& environment) {
    if (endpoint.fd) {
        return pmi::Client(Fd(::fcntl(*endpoint.fd, F_DUPFD_CLOEXEC, 0)), patience);
    }
    const auto id = lookup(environment, "PMI_ID").value_or("0");
    return pmi::Client::connect(endpoint.port, std::string(id), patience);
}

/// Whether the launcher hung up, as it does when the job ends.
bool hangs_up(int fd) {
    pollfd end{fd, POLLRDHUP, 0};
    return ::poll(&end, 1, time_for_others) > 0;
}

}  // namespace

void ask_launcher_to_end(const LauncherContext& context, const Environment& environment, int status) {
    const auto& endpoint = context.endpoint;
    if (context.launcher != Launcher::hydra || (!endpoint.fd && endpoint.port.empty())) {
        return;
    }
    auto client = connection_to(endpoint, environment);
    // Without init, which a bridge may have said on the same connection, and whose answer it would take for
    // its own; Hydra needs none before.
    if (client && !hangs_up(client->fd())) {
        client->abort(status);
    }
}

}  // namespace mpi_podman
