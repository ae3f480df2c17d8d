/// A question that only a process in other linux namespaces can answer.
#pragma once

#include <sys/types.h>

#include <functional>
#include <string>

#include "sys/result.hpp"

namespace mpi_podman {

/// What `code` returns in a child that has entered those linux namespaces of `process` which are not ours, of
/// the kinds in `kinds` (CLONE_NEWUSER, CLONE_NEWNS). In conmon's user namespace the files podman keeps for a
/// container with keep-id, which belong to the user's subordinate ids, are ours; in its mount namespace they
/// are mounted. Empty where the child could not; fails where there can be no child.
Result<std::string> from_within(pid_t process, int kinds, const std::function<std::string()>& code);

}  // namespace mpi_podman
