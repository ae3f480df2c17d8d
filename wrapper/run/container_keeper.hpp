/// A process for each container that lingers: it holds a place in it, so that it outlives its job, and when
/// that is over either offers it to the next or ends it.
#pragma once

#include <string>

#include "plan/plan.hpp"
#include "run/lingering.hpp"
#include "sys/fd.hpp"
#include "sys/result.hpp"

namespace mpi_podman {

/// Forks the keeper of a container by this plan, whose agent will listen at `place`, which is this job's. It
/// makes the directory, so that none is ever without one. It ends the container so long after its last job as
/// the plan says, at SIGTERM (after the job that is in it), and when a job has left it other than it was;
/// then it removes it from podman's store. Killed, it takes a waiting container with it. Returns once its
/// file says that it is there, with what is to be closed when the socket is there, or cannot be; an empty Fd
/// where it ended before that, killed or without room: then nothing else tells that the directory is
/// nobody's.
Result<Fd> post_container_keeper(const Lingering& place, const std::string& job, const Plan& plan);

}  // namespace mpi_podman
