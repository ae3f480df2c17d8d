/// What a rank does not see of the directories that are mounted for it: mpi-podman's own files of the job.
/// Below the launcher's session directory, or a current directory that is the home, they would be there to be
/// read and written by what runs in the image; and they say what the host's side of the job does.
#pragma once

#include <string>
#include <vector>

#include "plan/plan.hpp"
#include "run/job_directory.hpp"

namespace mpi_podman {

/// The directories of this user's that hold nothing but such files: where the job's own lies, and what is
/// there of the places where others lie (`bases`).
std::vector<std::string> directories_of_ours(const std::string& of_job,
                                             const std::vector<std::string>& bases);

/// The paths at which this plan's mounts and volumes would show any of these directories in the container.
std::vector<std::string> shown_at(const Plan& plan, const std::vector<std::string>& directories);

/// The same of what each rank mounts for itself (Plan::attached).
std::vector<std::string> attached_at(const Plan& plan, const std::vector<std::string>& directories);

/// Has podman hide all of them in the container of this plan, and the janitor of the job know which: of
/// another job's that has gone meanwhile podman makes the place anew.
void hide_ours(Plan& plan, const JobDirectory& directory, const std::vector<std::string>& bases);

}  // namespace mpi_podman
