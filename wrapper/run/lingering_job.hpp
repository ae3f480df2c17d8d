/// What a job does with the containers that linger. `link` is the place in the job's directory where its
/// ranks look for the agent's socket, which is in the container's own directory: it has the key's name.
#pragma once

#include <string>

#include "plan/plan.hpp"
#include "run/lingering.hpp"
#include "sys/fd.hpp"
#include "sys/result.hpp"
#include "wire/frame.hpp"

namespace mpi_podman {

/// Takes one that waits and shows the host as it is today, links to it from the job's directory and connects;
/// those that do not are ended. Empty where none is left.
Fd take_one_of_today(const std::string& all, const std::string& key, const std::string& job,
                     const std::string& directory, const Frame& greeting);

/// The socket for the agent of a new one by this plan, which is the job's: in a directory of its own, with a
/// keeper. Empty where that was killed at once: nobody would end the container.
Result<Fd> listen_in_place(const Lingering& place, const std::string& job, const Plan& plan,
                           const std::string& link);

/// Where ranks note what they make in the container; empty where that does not linger.
Fd open_note_of_made(const std::string& link);

}  // namespace mpi_podman
