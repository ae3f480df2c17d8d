#include "run/killed.hpp"

#include <chrono>
#include <thread>

#include "inspect/host.hpp"

namespace mpi_podman {

void await_own_end() noexcept {
    using namespace std::chrono_literals;
    std::this_thread::sleep_for(300ms);
}

Error killed_from_outside(const std::string& what, const Plan& plan) {
    await_own_end();
    const auto now = kills_for_memory();
    const bool for_memory = now && plan.kills_for_memory && *now > *plan.kills_for_memory;
    return {Status::ours, what + (for_memory ? ": this node, or the job, is out of memory" : ""),
            for_memory ? "place fewer ranks on a node, or ask the batch system for more memory"
                       : "see what killed it: the kernel's log, the batch system, a person"};
}

}  // namespace mpi_podman
