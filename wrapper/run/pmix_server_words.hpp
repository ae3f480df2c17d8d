/// What a rank's wrapper hears of the PMIx server of its node.
#pragma once

#include <chrono>
#include <string>

#include "pmi/values.hpp"
#include "sys/fd.hpp"
#include "sys/result.hpp"

namespace mpi_podman {

/// Its stderr, a file of the job's directory.
inline constexpr const char* pmix_server_words = "pmix-server.words";

/// It asks the launcher before it answers, which may take as long as a launcher may (pmi/client.hpp).
inline constexpr std::chrono::milliseconds patience_with_pmix_server = std::chrono::seconds(120);

/// Why it ended, in its own words.
Error pmix_server_is_gone(const std::string& directory);

/// Its next word: the variables of the rank. Fails with its reason where it says that the rank has to end;
/// and where it is gone, which closes the connection, or does not answer.
Result<pmi::KeyValues> hear_pmix_server(Fd& connection, const std::string& directory,
                                        std::chrono::milliseconds patience = patience_with_pmix_server);

}  // namespace mpi_podman
