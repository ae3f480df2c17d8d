#include "run/ending.hpp"

#include <algorithm>
#include <array>
#include <csignal>

#include "podman/explain.hpp"
#include "run/killed.hpp"

namespace mpi_podman {
namespace {

constexpr int signal_base = 128;  // podman-run(1) and the shells: 128 + n where signal n ended the process

/// These end no process: where a status looks like one of them, it is the rank's own.
constexpr std::array harmless{SIGCHLD, SIGCONT, SIGSTOP, SIGTSTP, SIGTTIN, SIGTTOU, SIGURG, SIGWINCH};

bool is_deadly(int number) {
    return number > 0 && number <= SIGRTMAX &&
           std::find(harmless.begin(), harmless.end(), number) == harmless.end();
}

}  // namespace

bool is_podmans_own(int status) { return status >= 125 && status <= 127; }

Result<Ending> ending_of_rank(const Plan& plan, Ending podman, ContainerEnd container, int asked,
                              const std::string& words) {
    const bool started = container != ContainerEnd::never_made;
    if (asked != 0 && (!started || (podman.status != 0 && never_began(words)))) {
        return Ending{0, asked};
    }
    if (podman.signal != 0) {
        if (asked != 0) {
            return Ending{0, asked};
        }
        return failure(killed_from_outside(podman_killed(podman.signal), plan));
    }
    if (!started && podman.status == 0) {
        return failure(podman_made_nothing());
    }
    if ((!started || is_from_runtime(words)) && podman.status != 0) {
        return failure(explain(plan, podman.status, words));
    }
    const bool was_removed = container != ContainerEnd::cannot_be_removed;
    if ((container == ContainerEnd::kept || !was_removed) && is_podmans_own(podman.status)) {
        return failure(podman_kept_container(podman.status, was_removed));
    }
    const int signal = podman.status - signal_base;
    return is_deadly(signal) ? Ending{0, signal} : podman;
}

}  // namespace mpi_podman
