#include "run/agent_socket.hpp"

#include "wire/local_socket.hpp"

namespace mpi_podman {

Fd connect_to_agent(const std::string& directory, const std::string& key, const Frame& greeting) {
    auto connection = connect_in(directory, key);
    return connection && send_frame(connection.get(), greeting) ? std::move(connection) : Fd{};
}

Error no_socket_in(const std::string& directory, const std::string& why) {
    return {Status::ours, "cannot make a socket in " + directory + ": " + why,
            "is the directory full, or the limit of open files low (ulimit -n)?"};
}

}  // namespace mpi_podman
