/// Signals as events: blocked first, then read from a signalfd(2). No handlers.
#pragma once

#include <csignal>

#include "sys/fd.hpp"
#include "sys/result.hpp"

namespace mpi_podman {

/// Blocks every signal that is passed on to the rank (TERM, INT, HUP, QUIT, USR1, USR2, CONT, TSTP).
/// Call before anything else: a signal that came earlier is not lost, only later ones are ours.
Result<Fd> open_signals();

/// The next signal, or 0 where none is waiting.
int next_signal(const Fd& signals) noexcept;

/// Whether the launcher means the rank to end by it.
bool is_fatal(int signal) noexcept;

/// Ends this process the way the rank ended: by the same signal, without a second core file beside the
/// rank's.
[[noreturn]] void die_by(int signal) noexcept;

}  // namespace mpi_podman
