/// The manual pages, made of the option table: mpi-podman(1) and mpi-podman.conf(5), as man(7) wants them.
#pragma once

#include <string>

namespace mpi_podman {

std::string man_page();
std::string config_man_page();

}  // namespace mpi_podman
