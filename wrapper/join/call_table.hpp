/// What becomes of the system calls whose arguments do not matter, as a program for the kernel.
#pragma once

#include <linux/filter.h>

#include <cstdint>
#include <functional>
#include <map>
#include <span>
#include <string>

namespace mpi_podman {

/// By a system call's number: what the program returns (seccomp(2), "SECCOMP_RET_ALLOW" and so on).
using Actions = std::map<std::uint32_t, std::uint32_t>;

/// By AUDIT_ARCH, as seccomp_data has it. The machine's own, which programs use, is the greatest of those
/// that it runs (linux/audit.h), and comes first.
using ByArchitecture = std::map<std::uint32_t, Actions, std::greater<>>;

/// A sequence of struct sock_filter that finds a call's action in about as many steps as a number has
/// halvings. Of others than these calls it comes to its end, where what is to become of them must follow.
///
/// The kernel compiles a filter, and walks through it for every number there is, each time a process takes it
/// (it keeps a map of what is always allowed), so each rank of a node pays for its steps and for long ways.
std::string program_of(const ByArchitecture& by_architecture);

/// These steps as such a sequence.
std::string bytes_of(std::span<const sock_filter> steps);

}  // namespace mpi_podman
