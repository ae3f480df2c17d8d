/// conmon(8), podman's process beside each container, which outlives podman and knows all about it by its
/// command line.
#pragma once

#include <sys/types.h>

#include <string>
#include <string_view>

namespace mpi_podman {

/// Whether podman may have given a container or a nameless volume this id: 64 hexadecimal digits.
bool is_id(std::string_view word);

/// The word behind an option on its command line; empty where it has none.
std::string conmon_option(pid_t conmon, std::string_view option);

/// This user's conmon of the container of this name; 0 where none runs.
pid_t conmon_of(const std::string& container);

/// The file that it writes when its container has ended; empty where it names none such as podman does.
std::string exit_file_of(pid_t conmon);

}  // namespace mpi_podman
