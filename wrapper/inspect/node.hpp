/// What one rank of a job finds out for all ranks on its node: podman's version and the image, pulled if need
/// be.
#pragma once

#include <string>
#include <string_view>

#include "cli/options.hpp"
#include "inspect/command.hpp"
#include "inspect/image.hpp"
#include "sys/result.hpp"

namespace mpi_podman {

/// Fails where podman is missing or older than 4.3, or the image cannot be had under the pull policy.
/// Takes as long as the pull takes; everything else is bounded.
Result<ImageFacts> prepare_image(const Options& options);

/// Where --pull=newer: the container that this process makes for it, and removes.
std::string container_of_pull();

/// The same for --dry-run: pulls nothing, and an image that is not here gives facts with an empty id.
Result<ImageFacts> look_at_image(const Options& options);

/// Fails where `podman` is missing or older than 4.3.
Result<void> check_podman(const std::string& podman);

/// podman's last words, without what its errors begin with; how it ended, where it said nothing.
std::string podmans_error(const Answer& answer);

/// Whether `podman --version` printed 4.3 or newer.
Result<void> check_podman_version(std::string_view printed);

/// Facts, or the failure to get them, as text that another rank of the node reads back.
std::string to_json(const Result<ImageFacts>& facts);
Result<ImageFacts> from_json(std::string_view text);
/// A failure alone; where that cannot be read, that is the error.
std::string to_json(const Error& error);
Error error_from_json(std::string_view text);

}  // namespace mpi_podman
