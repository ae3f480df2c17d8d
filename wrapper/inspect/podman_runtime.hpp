/// The directory in which rootless podman keeps its runtime state.
#pragma once

#include <sys/types.h>

#include <optional>
#include <string>

namespace mpi_podman {

/// Where podman has put its runtime state in sessions without XDG_RUNTIME_DIR, as plain ssh and Slurm make
/// them: RUN/user/UID, else TEMPORARY/podman-run-UID (podman 4) or TEMPORARY/storage-run-UID (podman 5).
/// Podman finds it by itself, but with its Go code, for which it then has to start a second time, in its user
/// namespace; told beforehand it enters that as its first act (its rootless_linux.c), a quarter faster. Empty
/// where there is none yet, where it is not certain which it is, or where it could be somebody else's.
std::optional<std::string> podman_runtime_directory(const std::string& run, const std::string& temporary,
                                                    uid_t user);

/// The same on this machine, below /run and $TMPDIR, else /tmp, as podman has them.
std::optional<std::string> podman_runtime_directory(uid_t user);

/// Sets XDG_RUNTIME_DIR of this process to that where it is unset. So it does, or unsets it, where it names
/// nothing, with which podman ends at once: a launcher brought it from another node (srun(1), --export), or
/// the login session has ended that it was made for (pam_systemd(8)). Root's podman does not look at it.
void tell_podman_its_runtime_directory(uid_t user);

}  // namespace mpi_podman
