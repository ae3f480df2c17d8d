/// The unix socket of a node container, a file of the job's directory, or for one that lingers of its own:
/// the agent listens (listen_in()), the ranks connect.
#pragma once

#include <optional>
#include <string>

#include "sys/fd.hpp"
#include "sys/result.hpp"
#include "wire/frame.hpp"

namespace mpi_podman {

/// Connects and says `greeting`; empty, with errno, where it cannot (nobody_listens()). Does not wait for an
/// answer, which where the agent hung up at once may be its refusal, or none.
Fd connect_to_agent(const std::string& directory, const std::string& key,
                    const Frame& greeting = {Say::hello});

/// What to say where listen_in() could not, with errno in words.
Error no_socket_in(const std::string& directory, const std::string& why);

/// What to say where connect_in() could not though somebody may listen, with errno in words.
Error no_connection_in(const std::string& directory, const std::string& why);

/// What the agent's word means for a rank that it does not let in, though it is this user's.
std::optional<Error> refusal_in(const Received& received);

}  // namespace mpi_podman
