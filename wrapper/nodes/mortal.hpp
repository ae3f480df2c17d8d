/// Children that end with this process, however that ends.
#pragma once

#include <string>
#include <vector>

#include "sys/fd.hpp"
#include "sys/process.hpp"

namespace mpi_podman {

/// spawn(), and a SIGTERM for the child when this process dies.
Result<Child> spawn_mortal(Spawn how);

/// A child of that kind whose words come here.
struct Heard {
    Child child;
    Fd in;  ///< what is written to it arrives as its stdin; empty where it has ours
    Fd out, err;
};

enum class Stdin : bool { ours, a_pipe };

Result<Heard> spawn_heard(const std::vector<std::string>& argv, Stdin stdin_is);

}  // namespace mpi_podman
