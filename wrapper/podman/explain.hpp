/// What podman's own words mean to a user of mpirun.
#pragma once

#include <string>

#include "plan/plan.hpp"
#include "sys/result.hpp"

namespace mpi_podman {

/// `status` and `words` are podman's exit status and stderr of a start that never got to run the rank. Pure.
Error explain(const Plan& plan, int status, const std::string& words);

/// podman itself could not be started, as spawn() says.
Error not_started(const Error& why);

/// Whether podman has no such image, which --pull may cure.
bool is_missing_image(const std::string& words);

/// podman died by a signal that nobody here sent.
std::string podman_killed(int signal);

/// podman ended with status 0, but no container was made: what else it did, the rank did not run.
Error podman_made_nothing();

/// podman ended with this status of its own, and the container that it was to remove was still there: whether
/// it is `removed` by now.
Error podman_kept_container(int status, bool removed);

/// Whether the runtime, not the rank, wrote this to the rank's stderr: the program was found but execve(2)
/// failed.
bool is_exec_failure(const std::string& words);

/// Whether the process that was to become the program, or the runtime that was to begin it, had died before,
/// as the runtime or podman says there: the container was made, and never began.
bool never_began(const std::string& words);

/// Either of the two: the container was made, but its program never ran.
bool is_from_runtime(const std::string& words);

/// The last error podman named, without its "Error: " prefix; where it named none, its last line.
std::string last_words(const std::string& words);

}  // namespace mpi_podman
