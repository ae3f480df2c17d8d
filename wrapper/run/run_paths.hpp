/// What podman, the runtime and conmon keep of a container outside its storage, and may forget there.
#pragma once

#include <string>
#include <vector>

namespace mpi_podman {

/// The file in a job's directory in which podman says the id of a container of this name.
std::string id_file_in(const std::string& directory, const std::string& container);

/// That id; empty where none is there, as podman made no container.
std::string id_told(const std::string& id_file);

/// Such places of the container whose id is in `id_file`, where podman has them if no storage.conf says
/// otherwise (containers-storage.conf(5), runroot; crun(1), --root): of one that had no conmon to name them
/// (run/conmon.hpp) when somebody looked. None where no id is there.
std::vector<std::string> run_paths_told(const std::string& id_file);

/// Removes them of a container that is no more: for want of files podman's own cleanup may leave them, or the
/// runtime's, or as it was killed. Waits a moment for each to go by itself. What is the container's root's,
/// as podman's directories there may be, `podman` removes, in the user linux namespace where that is a user
/// of ours.
void remove_run_paths(const std::string& podman, std::vector<std::string> paths);

}  // namespace mpi_podman
