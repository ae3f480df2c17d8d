#include "run/bridge.hpp"

#include <spdlog/spdlog.h>

#include "pmi/family.hpp"
#include "run/killed.hpp"
#include "run/pmi_server_bridge.hpp"
#include "run/pmix_server_bridge.hpp"
#include "run/report.hpp"
#include "run/signals.hpp"
#include "sys/process.hpp"

namespace mpi_podman {
namespace {

Result<void> check_family(const Plan& plan, const JobDirectory& directory) {
    if (plan.pmi.of_rank == Pmi::none) {
        return {};
    }
    return pmi::Families(directory.path())
        .come(plan.pmi.of_rank == Pmi::pmix ? pmi::Family::pmix : pmi::Family::pmi, plan.image);
}

}  // namespace

void say_trouble_of(const RankBridge& bridge, const Fd& launcher, const std::string& hostname,
                    const JobDirectory& directory) {
    using namespace std::chrono_literals;
    await_own_end();
    if (const auto trouble = bridge.trouble();
        trouble && !is_asked_to_end() && !(launcher && ended_within(launcher, 0ms))) {
        report(*trouble, hostname, &directory);
    }
}

Result<std::unique_ptr<RankBridge>> open_bridge(const Plan& plan, const JobDirectory& directory) {
    spdlog::info("PMI: {}", plan.pmi.reason);
    if (const auto one = check_family(plan, directory); !one) {
        return failure(one.error());
    }
    switch (plan.pmi.bridge) {
        case Bridge::pmi_server: return PmiServerBridge::open(plan, directory);
        case Bridge::pmix_server: return PmixServerBridge::open(plan, directory);
        case Bridge::none: break;
    }
    return std::make_unique<RankBridge>();
}

}  // namespace mpi_podman
