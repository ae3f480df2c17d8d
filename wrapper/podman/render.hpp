/// A Plan as the words podman understands.
#pragma once

#include <string>
#include <vector>

#include "plan/plan.hpp"

namespace mpi_podman {

/// The argv of `podman run`; pure.
/// `pidfile`, where not empty, is where podman writes the rank's pid once the container exists.
std::vector<std::string> render(const Plan& plan, const std::string& pidfile = {});

/// The same for a person: quoted for the shell, one option a line; pasted into a shell it does the same.
std::string render_shell(const Plan& plan);

/// One word quoted for a POSIX shell where it needs it.
std::string shell_quote(const std::string& word);

}  // namespace mpi_podman
