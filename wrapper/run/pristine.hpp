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

/// The files of a container's own that are not the image's, with all that tells a change; a directory ends in
/// '/'. `own` are the host's directory that holds what is written, and single files.
std::vector<std::string> files_written(pid_t conmon, const std::vector<std::string>& own);

/// Removes what was made for mounts, of which the file `note` has a line each, and the note. Returns what is
/// written in the container then: nothing where it differs from `expected`. Directories that only became the
/// container's own because something was made in them do not count.
std::vector<std::string> tidied(const Description& description, pid_t agent,
                                const std::vector<std::string>& expected, const std::string& note);

/// Whether the name still means the image this container is of, and that is the user's own: of images that
/// several users share nothing here tells a change. Asks podman.
bool has_image_of_its_name(const Description& description, const std::string& podman,
                           const std::string& image, const std::string& container);

}  // namespace mpi_podman
