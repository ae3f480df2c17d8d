/// A process for each job and node that removes what the ranks leave there when all of them are gone, however
/// they went.
#pragma once

#include <sys/types.h>

#include <cstdint>
#include <string>

#include "sys/fd.hpp"
#include "sys/result.hpp"

namespace mpi_podman {

/// What became of a directory that a janitor was to make.
struct Founded {
    static constexpr int there = 0;      ///< it is there, made now or before
    static constexpr int unusable = -1;  ///< not below this base
    int why = there;                     ///< one of them, or errno's number
    Fd until_member;  ///< open until its owner is a member: so long the janitor does not look
};

/// Forks a janitor that makes the directory `name` below `base`, with its file of members, and then waits for
/// the lock of that alone: whoever dies while it is being made, it is looked after. Where it is there already
/// another janitor has it, and this one goes. `local_size` ranks will come (0: unknown); from the first on
/// until they did, or their `launcher`, our parent, is gone, the directory stays. Fails where no process can
/// be made.
Result<Founded> found_directory(const std::string& base, const std::string& name, std::uint32_t local_size,
                                pid_t launcher);

/// Forks a janitor for a directory `path` below `base` that nobody is in.
Result<void> post_janitor(const std::string& base, const std::string& path);

/// Removes the directory, and the base if it was the last, where nobody is in it and all came. `members` is
/// the open file; a newcomer who waits for its lock will find it unlinked. Leaves it to the janitor where a
/// container may have to be removed as well, or a report is to be written.
void remove_if_abandoned(const std::string& base, const std::string& path, const Fd& members,
                         std::uint32_t local_size);

}  // namespace mpi_podman
