/// podman's processes around a container, found by their command lines: podman itself, which starts it, and
/// conmon(8), which stays beside it.
#pragma once

#include <sys/types.h>

#include <string>
#include <string_view>
#include <vector>

namespace mpi_podman {

/// Whether podman may have given a container or a nameless volume this id: 64 hexadecimal digits.
bool is_id(std::string_view word);

/// This user's podman that starts the container of this name: several processes, for rootless podman goes on
/// in a child in its user namespace, and the child may outlive it.
std::vector<pid_t> podman_starting(const std::string& container);

/// This user's runtime that lets the first process of the container of this id begin (crun(1), start).
std::vector<pid_t> runtime_starting(const std::string& id);

/// The first word of a process's command line; empty where the process is gone.
std::string program_of(pid_t pid);

/// The word behind an option on its command line; empty where it has none.
std::string conmon_option(pid_t conmon, std::string_view option);

/// This user's conmon of the container of this name; 0 where none runs.
pid_t conmon_of(const std::string& container);

/// The one that waits for a container's first process, which the runtime starts and leaves to it: by its
/// name, else its parent; 0 where that process is gone.
pid_t conmon_above(pid_t first);

/// The file that it writes when its container has ended; empty where it names none such as podman does.
std::string exit_file_of(pid_t conmon);

/// What is the container's alone where podman and the runtime keep what runs: a directory below podman's run
/// root, one in the runtime's own list, and the exit file; none where it names none such.
std::vector<std::string> run_paths_of(pid_t conmon);

}  // namespace mpi_podman
