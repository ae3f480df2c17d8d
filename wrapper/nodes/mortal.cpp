#include "nodes/mortal.hpp"

#include <sys/prctl.h>

#include <csignal>

namespace mpi_podman {

Result<Child> spawn_mortal(Spawn how) {
    how.before_exec = [] { ::prctl(PR_SET_PDEATHSIG, SIGTERM); };
    return spawn(how);
}

}  // namespace mpi_podman
