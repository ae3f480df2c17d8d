/// This user's containers that linger on this node: a directory for each, which a job takes by renaming it.
///
///     KEY+NAME         waits for a job
///     KEY+NAME+JOB     is a job's
///     KEY+NAME+        its keeper is looking at it
///
/// NAME is podman's of the container, KEY stands for image and options. In it: `socket`, the agent's;
/// `keeper`, locked by the container-keeper as long as that lives; `made`, what ranks made in the container
/// to mount their job's directories on, a line each.
#pragma once

#include <sys/types.h>

#include <string>
#include <vector>

#include "sys/fd.hpp"
#include "sys/result.hpp"

namespace mpi_podman {

inline constexpr const char* agent_socket = "socket";
inline constexpr const char* keeper_lock = "keeper";
inline constexpr const char* made_places = "made";

/// One of them, as its directory is called.
struct Lingering {
    std::string all;  ///< the directory of them all
    std::string key, name;

    [[nodiscard]] std::string waiting() const { return all + "/" + key + "+" + name; }
    [[nodiscard]] std::string of_job(const std::string& job) const { return waiting() + "+" + job; }
    [[nodiscard]] std::string under_inspection() const { return waiting() + "+"; }
    /// What it is called now; empty where it is gone.
    [[nodiscard]] std::string path() const;
};

/// The directory of them all, below the first of these bases that can be the user's own; made where it is
/// missing.
Result<std::string> directory_of_lingering(const std::vector<std::string>& bases);

/// Makes the directory of a new one, and those above that the last of the others has removed meanwhile.
void make_lingering(const std::string& path);

/// Takes one that waits; its new path, empty where none does. Two jobs never get the same.
std::string take_lingering(const std::string& all, const std::string& key, const std::string& job);

/// Whether a keeper is looking at one that may wait for a job in a moment.
bool is_one_inspected(const std::string& all, const std::string& key);

/// The keeper of the container in that directory; 0 where it is gone, or has not come yet.
pid_t keeper_of(const std::string& path);
/// The same as a pidfd, which is never a stranger's.
Fd keeper_process(const std::string& path);

/// Removes such a directory, and those above that are empty then.
void remove_lingering(const std::string& path);

/// Removes what keepers left that were killed: the directory, once no agent listens in it, and the container.
void sweep_lingering(const std::string& all, const std::string& podman);

/// Ends the containers below this base that wait, and lets those in use end with their job; waits until the
/// former are gone. A line of text for each. Sweeps, too.
std::string stop_lingering(const std::string& base, const std::string& podman);

}  // namespace mpi_podman
