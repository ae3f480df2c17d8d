#include <algorithm>
#include <iterator>

#include "plan/rank_environment.hpp"
#include "record/rank_record.hpp"
#include "sys/text.hpp"

namespace mpi_podman {
namespace {

std::string why_mounted(const Mount& mount, const LauncherContext& context) {
    const bool of_job = std::ranges::find(context.session_paths, mount.path) != context.session_paths.end();
    return of_job ? "the launcher's: its ranks meet there" : "the current directory";
}

std::vector<Decision> mounts_of(const Plan& plan, const LauncherContext& context) {
    std::vector<Decision> mounts;
    for (const auto* each : {&plan.mounts, &plan.attached}) {
        for (const auto& mount : *each) {
            mounts.push_back({mount.path, why_mounted(mount, context)});
        }
    }
    for (const auto& mount : plan.mpi_mounts) {
        mounts.push_back({mount.source + " at " + mount.target, "the host's MPI"});
    }
    for (const auto& volume : plan.volumes) {
        mounts.push_back({volume, "--volume"});
    }
    return mounts;
}

std::vector<Decision> devices_of(const Plan& plan, const Options& options) {
    std::vector<Decision> devices;
    std::ranges::transform(plan.devices, std::back_inserter(devices), [&](const std::string& device) {
        const bool typed = std::ranges::find(options.devices, device) != options.devices.end();
        return Decision{device, typed ? "--device" : "the node has it"};
    });
    return devices;
}

bool is_typed(const Options& options, const std::string& name) {
    return std::ranges::any_of(options.environment, [&](const std::string& typed) {
        return typed == name || typed.starts_with(name + "=");
    });
}

std::vector<Decision> passed_of(const Plan& plan, const Options& options) {
    std::vector<Decision> passed;
    std::ranges::transform(plan.environment.inherited, std::back_inserter(passed), [&](const auto& name) {
        return Decision{name, is_typed(options, name) ? "--env" : std::string(reason_of(name))};
    });
    return passed;
}

std::vector<Decision> set_of(const Plan& plan, const Options& options) {
    std::vector<Decision> set;
    for (const auto& [name, value] : plan.environment.set) {
        set.push_back(
            {name, is_typed(options, name) ? "--env" : "mpi-podman: wrapper/plan/README.md says when"});
    }
    return set;
}

std::vector<Decision> kept_out_of(const Plan& plan, const Environment& environment) {
    std::vector<Decision> kept_out;
    const auto& rank = plan.environment;
    for (const auto& [name, value] : environment) {
        const bool unset = std::ranges::find(rank.unset, name) != rank.unset.end();
        if (unset || (!std::ranges::binary_search(rank.inherited, name) && !rank.set.contains(name))) {
            kept_out.push_back({name, unset ? "--unsetenv" : std::string(reason_of(name))});
        }
    }
    return kept_out;
}

std::string container_of(const Plan& plan) {
    return plan.per_rank ? "its own" : plan.linger > 0 ? "the node's, which lingers" : "the node's";
}

}  // namespace

RankRecord record_of(const Plan& plan, const Options& options, const LauncherContext& context,
                     const Environment& environment) {
    RankRecord record;
    record.node = plan.hostname;
    record.job = context.job;
    record.launcher = plan.launcher;
    record.image = plan.image;
    record.command = joined(plan.command, " ");
    record.rank = context.rank.value_or(0);
    record.size = context.size.value_or(1);
    record.container = container_of(plan);
    record.pmi = plan.pmi.reason;
    record.mounts = mounts_of(plan, context);
    record.devices = devices_of(plan, options);
    record.passed = passed_of(plan, options);
    record.set = set_of(plan, options);
    record.kept_out = kept_out_of(plan, environment);
    return record;
}

}  // namespace mpi_podman
