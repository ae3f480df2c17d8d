/// What the ranks of a job and node note for its janitor, in a file that each of them appends to.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "sys/fd.hpp"

namespace mpi_podman {

/// The file of a job's directory on which every member holds a shared flock(2), and in which each notes what
/// the janitor must know, a line at a time. The janitor keeps it open: a launcher may remove its session
/// directory, and ours in it, before the ranks have ended.
inline constexpr const char* members_file = "members";

/// Lines of it.
inline constexpr std::string_view came = "+";     ///< a member
inline constexpr std::string_view left = "-";     ///< a member that left by itself
inline constexpr std::string_view unclean = "!";  ///< podman may not remove the node's containers by itself
std::string container_note(const std::string& podman, const std::string& name);
/// One of a rank of its own, which has a guard; that may be killed as well.
std::string rank_container_note(const std::string& podman, const std::string& name);
/// A directory that podman removes with the container.
std::string bundle_note(const std::string& directory);
/// Another, which it may forget.
std::string run_path_note(const std::string& path);
/// One that podman makes where it is missing, to mount over it (run/hidden.hpp).
std::string hidden_note(const std::string& directory);

/// Appends a line. False where it cannot be.
bool note(const Fd& members, std::string_view line);

/// All that was noted.
struct MemberNotes {
    std::uint32_t came = 0, left = 0;
    bool unclean = false;
    std::vector<std::pair<std::string, std::string>> containers, of_ranks;  ///< podman, name
    std::vector<std::string> bundles, run_paths, hidden;
    std::vector<std::string> reports;  ///< report_note()
};

/// Reads them; a line that is none of these is passed over.
MemberNotes notes_in(const Fd& members);

}  // namespace mpi_podman
