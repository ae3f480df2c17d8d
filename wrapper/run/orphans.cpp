#include "run/orphans.hpp"

#include <chrono>
#include <csignal>

#include "run/conmon.hpp"
#include "sys/process.hpp"

namespace mpi_podman {
namespace {

using namespace std::chrono_literals;

constexpr int most_rounds = 10;

/// A conmon's children, all but podman, which it starts last, to clean up, and itself before an exec(2).
void kill_children(pid_t conmon) {
    const auto cleanup = conmon_option(conmon, "--exit-command");
    const auto own = program_of(conmon);
    for (const auto pid : all_processes()) {
        const Fd process = pidfd_of(pid);
        const auto program = program_of(pid);
        if (process && proc_status(pid, "PPid") == std::to_string(conmon) && program != cleanup &&
            program != own) {
            signal_pidfd(process, SIGKILL);
        }
    }
}

void end_conmon(pid_t pid) {
    constexpr int most_attempts = 100;
    const Fd conmon = pidfd_of(pid);
    for (int attempt = 0; attempt < most_attempts && !ended_within(conmon, 100ms); ++attempt) {
        kill_children(pid);
    }
    if (!ended_within(conmon, 0ms)) {
        signal_pidfd(conmon, SIGKILL);
    }
}

}  // namespace

void end_podman(const Fd& podman) {
    signal_pidfd(podman, SIGTERM);
    if (!ended_within(podman, 3s)) {
        signal_pidfd(podman, SIGKILL);
        ended_within(podman, 1s);
    }
}

void end_starters(const std::string& container) {
    // What one has forked meanwhile is not among those that were found.
    for (int i = 0; i < most_rounds; ++i) {
        const auto podmans = podman_starting(container);
        for (const auto pid : podmans) {
            end_podman(pidfd_of(pid));
        }
        if (podmans.empty()) {
            return;
        }
    }
}

void end_runtime_starts(const std::string& id) {
    if (id.empty()) {
        return;
    }
    for (const auto pid : runtime_starting(id)) {
        const Fd runtime = pidfd_of(pid);
        if (runtime && !ended_within(runtime, 100ms)) {
            signal_pidfd(runtime, SIGKILL);
        }
    }
}

void end_conmons(const std::string& container) {
    // The one that starts it forks the one that stays.
    for (int i = 0; i < most_rounds; ++i) {
        const auto conmon = conmon_of(container);
        if (conmon == 0) {
            return;
        }
        end_conmon(conmon);
    }
}

}  // namespace mpi_podman
