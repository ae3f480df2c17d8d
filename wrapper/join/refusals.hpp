/// What a rank's seccomp program refuses besides what the profile says: each a sequence of struct sock_filter
/// that comes to its end for all other calls.
#pragma once

#include <string>

namespace mpi_podman {

/// What puts words into a terminal, as if its user had typed them (EPERM): to come before what the profile
/// says of ioctl(2). The terminal of a rank that joins is the user's, and the shell would run them
/// (CVE-2017-5226). The kernel looks at the request's lower half alone.
std::string refuse_to_type();

/// Whether the kernel was built with x32, by a call that says nothing new. Another filter may kill who asks.
bool runs_x32();

/// What a kernel without it says itself of all that is x32's (ENOSYS): a quarter of the steps would be for
/// it. Not of -1, by which a tracer skips a call (ptrace(2)).
std::string refuse_x32();

}  // namespace mpi_podman
