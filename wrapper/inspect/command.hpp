/// Short commands run to learn something: bounded in time, their output kept.
#pragma once

#include <chrono>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "sys/result.hpp"

namespace mpi_podman {

struct Answer {
    int status = 0;  ///< exit status; 128 + n where signal n ended it
    std::string out, err;
};

/// Runs argv[0] (a path, or a name found in PATH) with no stdin. Past `limit` it is killed: Status::ours.
/// A command that is not there fails with Status::ours too, naming it, and one that a limit keeps from
/// starting.
Result<Answer> ask(const std::vector<std::string>& argv, std::chrono::seconds limit);

/// What podman's words are where a limit lets it start no thread, for Go's runtime then dies with pages of
/// registers, or no process.
std::optional<Error> lacks_threads(std::string_view said);

/// The last line of what a command said, without its newline: its error, behind whatever it logged.
std::string last_line(std::string_view said);

}  // namespace mpi_podman
