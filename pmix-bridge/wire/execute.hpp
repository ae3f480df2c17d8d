/// The last step of a rank's start: its program takes the place of the process that made all ready for it.
/// The wrapper's own process does that, or first takes the agent's program on, and that does it
/// (wrapper/join).
#pragma once

#include <cstdint>
#include <span>

namespace mpi_podman {

/// How far a rank got before exec(3).
enum class Step : std::int32_t { mounts, namespaces, workdir, limits, confinement, exec, interpreter };

/// What the keeper tells the wrapper: the rank's wait status, or the step that failed and errno.
struct News {
    bool ended;
    std::int32_t status;  ///< waitpid(2)'s status, or errno
    Step step;
};

/// Tells the wrapper that this step failed with errno, and ends. Async-signal-safe.
[[noreturn]] void fail(int channel, Step step);

/// Sends it; a wrapper that has gone hears nothing. Async-signal-safe.
void tell(int channel, const News& news);

/// As execvp(3), but what is no program is not given to a shell. Returns, with errno, where none could be
/// executed.
Step execute(std::span<const char* const> programs, char* const* argv, char* const* environment);

/// The agent's first argument where it is to become a rank. Behind it are at least three: the channel's fd,
/// how many programs there are to try, these, and the rank's own words.
inline constexpr const char* become_rank_word = "mpi-podman-become-rank";

/// Does so, with the words behind that one, which end in a null pointer behind the last.
[[noreturn]] void become_rank(std::span<char*> words);

}  // namespace mpi_podman
