/// What reaches the wrapper from outside while its rank runs: signals, as events (blocked first, then read
/// from a signalfd(2); no handlers), and its launcher's end.
#pragma once

#include <csignal>

#include "plan/plan.hpp"
#include "sys/fd.hpp"
#include "sys/result.hpp"

namespace mpi_podman {

/// Blocks every signal that is passed on to the rank (TERM, INT, HUP, QUIT, USR1, USR2, CONT, TSTP), those
/// apart that are ignored (nohup(1)). One that came earlier did to this process what it does by default.
Result<Fd> open_signals();

/// The next signal, or 0 where none is waiting.
int next_signal(const Fd& signals) noexcept;

/// From here on only SIGKILL and SIGSTOP reach this process, which cleans up behind a job: who ends the job
/// may signal all that it started (Slurm's proctrack/linuxproc). The programs it starts have no signal
/// blocked.
void block_signals() noexcept;

/// Whether the launcher means the rank to end by it.
bool is_fatal(int signal) noexcept;

/// Whether such a signal waits to be read.
bool is_asked_to_end() noexcept;

/// Readable when the launcher, our parent, has died, be it before we asked; empty where no launcher started
/// us. A rank without its launcher is nobody's, and would run on.
Fd launcher_of(const Plan& plan);
Error launcher_died(const Plan& plan);

/// Ends this process the way the rank ended: by the same signal, without a second core file beside the
/// rank's.
[[noreturn]] void die_by(int signal) noexcept;

}  // namespace mpi_podman
