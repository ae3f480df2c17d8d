/// A process for each job and node that removes what the ranks leave there when all of them are gone, however
/// they went.
#pragma once

#include <cstdint>
#include <string>

#include "sys/fd.hpp"
#include "sys/result.hpp"

namespace mpi_podman {

/// The file of a job's directory that every member holds a shared flock(2) on; a '+' for each that came, a
/// '-' for each that left by itself.
inline constexpr const char* members = "members";

/// Forks the janitor of the directory `path` below `base`, which waits for the lock of `members` alone.
/// `local_size` ranks will come (0: unknown); until they did, or their launcher is gone, the directory stays.
Result<void> post_janitor(const std::string& base, const std::string& path, std::uint32_t local_size);

/// Notes a container that must be removed from podman's store where ranks died before they could see to it.
Result<void> note_container(const std::string& path, const std::string& podman, const std::string& name);

/// Notes that podman may not remove the node's containers by itself: what it left to do so is gone, or was
/// never there.
void note_unclean(const std::string& path);

/// Removes the directory, and the base if it was the last, where nobody is in it and all came. `membership`
/// is the open `members`; a newcomer who waits for its lock will find it unlinked. Leaves it to the janitor
/// where a container may have to be removed with it.
void remove_if_abandoned(const std::string& base, const std::string& path, const Fd& membership,
                         std::uint32_t local_size);

/// Whether we made this folder: the one in the cache that holds a base for each host.
bool is_folder_of_hosts(const std::string& folder);

}  // namespace mpi_podman
