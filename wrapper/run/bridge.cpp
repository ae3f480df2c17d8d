#include "run/bridge.hpp"

#include <spdlog/spdlog.h>

#include "run/pmi_server_bridge.hpp"
#include "run/pmix_server_bridge.hpp"

namespace mpi_podman {

Result<std::unique_ptr<RankBridge>> open_bridge(const Plan& plan, const JobDirectory& directory) {
    spdlog::info("PMI: {}", plan.pmi.reason);
    switch (plan.pmi.bridge) {
        case Bridge::pmi_server: return PmiServerBridge::open(plan, directory);
        case Bridge::pmix_server: return PmixServerBridge::open(plan, directory);
        case Bridge::none: break;
    }
    return std::make_unique<RankBridge>();
}

}  // namespace mpi_podman
