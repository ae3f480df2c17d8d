#include "run/agent_socket.hpp"

#include <cerrno>

#include "wire/local_socket.hpp"

namespace mpi_podman {

Fd connect_to_agent(const std::string& directory, const std::string& key, const Frame& greeting) {
    auto connection = connect_in(directory, key);
    if (connection && !send_frame(connection.get(), greeting) && errno != EPIPE && errno != ECONNRESET) {
        return {};
    }
    return connection;  // also of an agent that hung up: it may have said why
}

Error no_socket_in(const std::string& directory, const std::string& why) {
    return {Status::ours, "cannot make a socket in " + directory + ": " + why,
            "is the directory full, or the limit of open files low (ulimit -n)?"};
}

Error no_connection_in(const std::string& directory, const std::string& why) {
    return {Status::ours, "cannot connect to a socket in " + directory + ": " + why,
            "is memory short, or the limit of open files low (ulimit -n)?"};
}

std::optional<Error> refusal_in(const Received& received) {
    if (received.say == Say::refused) {
        return Error{Status::ours, "the node's container was started by another version of mpi-podman",
                     "use one version on the node for one job"};
    }
    if (received.say == Say::full) {
        return Error{Status::ours,
                     "the node's container has places for " + std::to_string(received.number) +
                         " ranks, by the hard limit of open files, and all are taken",
                     "raise it: ulimit -Hn, one for each rank of the node and 10 more; or --per-rank"};
    }
    return std::nullopt;
}

}  // namespace mpi_podman
