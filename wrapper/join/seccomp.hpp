/// A seccomp profile of an OCI configuration as the program the kernel takes.
#pragma once

#include <string>
#include <string_view>

#include "sys/result.hpp"

namespace mpi_podman {

/// `seccomp_json` is the object linux.seccomp (OCI runtime specification, "Seccomp"). The result is a
/// sequence of struct sock_filter. Names of system calls that this libseccomp does not know are passed over,
/// as runtimes do. Added is that no process may type into its terminal.
Result<std::string> compile_seccomp(std::string_view seccomp_json);

}  // namespace mpi_podman
