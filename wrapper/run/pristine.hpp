/// Whether a container that lingers is as it was before its first job: only then does another job get it.
#pragma once

#include <sys/types.h>

#include <string>
#include <vector>

#include "join/description.hpp"

namespace mpi_podman {

/// What a container is like whose agent and conmon these are, before any rank ran in it. `config_json` is
/// podman's OCI configuration of it, `bundle` the directory that is in.
AtStart look_at_start(pid_t agent, pid_t conmon, const std::string& config_json, const std::string& bundle);

/// Whether neither the user's images nor what the container has mounted of the host has changed since: an
/// image built anew, a directory removed and made again, a file replaced.
bool shows_the_host_of_today(const Description& description, pid_t agent);

/// The files of a container's own file system that are not the image's, with all that tells a change; a
/// directory ends in '/'. `upper` is the host's directory that holds them.
std::vector<std::string> files_written(pid_t conmon, const std::string& upper);

/// Removes the directories `made` for mounts, and returns what is written in the container then: nothing
/// where it differs from `expected`. Directories that only became the container's own because something was
/// made in them do not count.
std::vector<std::string> tidied(const Description& description, pid_t agent,
                                const std::vector<std::string>& expected,
                                const std::vector<std::string>& made);

}  // namespace mpi_podman
