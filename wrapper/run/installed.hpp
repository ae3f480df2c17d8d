/// The programs that are installed beside this one.
#pragma once

#include <string>

#include "sys/result.hpp"

namespace mpi_podman {

/// PREFIX/libexec/mpi-podman/NAME, where this is PREFIX/bin/mpi-podman; the build tree is laid out alike.
/// Fails where it cannot be executed.
Result<std::string> installed(const std::string& name);

}  // namespace mpi_podman
