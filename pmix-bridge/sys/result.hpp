/// What every fallible function of mpi-podman returns: a value, or an Error that a user can act on.
#pragma once

#include <string>
#include <tl/expected.hpp>
#include <utility>

namespace mpi_podman {

/// Exit statuses of our own, as podman and the shells use them (podman-run(1), EXIT STATUS).
enum class Status : int {
    usage = 2,           ///< the command line is wrong
    ours = 125,          ///< mpi-podman or podman failed before the rank ran
    not_runnable = 126,  ///< the command was found but cannot be executed
    not_found = 127,     ///< the command was not found
};

/// One failure: what happened (with why) and what to do about it. Both are single lines without a prefix.
struct Error {
    Status status = Status::ours;
    std::string message;
    std::string hint;
    bool passes = false;  ///< may be over in a moment: a limit that counts what others of the user do

    bool operator==(const Error&) const = default;
};

template <typename T>
using Result = tl::expected<T, Error>;

/// The failing arm of a Result: `return failure(Status::usage, "unknown option --foo", "see --help");`
inline tl::unexpected<Error> failure(Status status, std::string message, std::string hint = {}) {
    return tl::unexpected<Error>(Error{status, std::move(message), std::move(hint)});
}

/// Passes a failure of one Result on as the failure of another.
inline tl::unexpected<Error> failure(Error error) { return tl::unexpected<Error>(std::move(error)); }

}  // namespace mpi_podman
