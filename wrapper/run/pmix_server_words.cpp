#include "run/pmix_server_words.hpp"

#include <poll.h>

#include <span>

#include "inspect/command.hpp"
#include "wire/packet.hpp"

namespace mpi_podman {

Error pmix_server_is_gone(const std::string& directory) {
    const auto words = last_line(read_file(directory + "/" + pmix_server_words).value_or(""));
    return {Status::ours, "the PMIx server of this node is gone" + (words.empty() ? "" : ": " + words),
            "was it killed, or has the launcher ended?"};
}

Result<pmi::KeyValues> hear_pmix_server(Fd& connection, const std::string& directory,
                                        std::chrono::milliseconds patience) {
    pollfd readable{connection.get(), POLLIN, 0};
    if (::poll(&readable, 1, static_cast<int>(patience.count())) == 0) {
        return failure(Status::ours, "the PMIx server of this node does not answer",
                       "is pmix-server stopped, or the node overloaded?");
    }
    std::string room(64UL * 1024, '\0');
    const auto packet = receive_packet(connection.get(), std::as_writable_bytes(std::span(room)));
    auto word = pmi::decode_values(std::string_view(room).substr(0, packet.size));
    if (packet.size == 0 || !packet.whole || !word) {
        connection.reset();
        return failure(pmix_server_is_gone(directory));
    }
    if (const auto error = word->find("error"); error != word->end()) {
        return failure(Status::ours, error->second, (*word)["hint"]);
    }
    return word;
}

}  // namespace mpi_podman
