/// Directories that only this user can enter, for sockets and notes.
#pragma once

#include <cstdint>
#include <string>

namespace mpi_podman {

enum class Made : std::uint8_t { no, before, now };

/// What becomes of a directory that is missing: who may be killed before it is looked after makes none.
enum class Missing : std::uint8_t { is_made, is_refused };

/// Makes a directory of mode 0700, or accepts one that only we may write to, and makes it so: a stranger's is
/// refused, and where any part of the path is a link.
Made make_private(const std::string& path, Missing missing = Missing::is_made);

/// A base holds such directories. It is itself private; in the cache, which hosts share, it lies in a folder
/// with one for each host. Made where it is missing. Its path without symbolic links; empty where it cannot
/// be ours alone, or another user could put something else in its place: every directory above must belong to
/// us or to root, and be writable by nobody else or sticky. A container's root must get through the first:
/// where that helps, it becomes our group's.
std::string make_base(const std::string& base, Missing missing = Missing::is_made);

/// Removes the base, and the folder of hosts it lies in, where they are empty.
void remove_base(const std::string& base);

}  // namespace mpi_podman
