#include "plan/mounts.hpp"

#include <algorithm>
#include <array>
#include <iterator>
#include <string_view>

#include "plan/volume.hpp"

namespace mpi_podman {
namespace {

/// Hidden by a mount, an image cannot run; so these are never mounted over, whole or in part.
constexpr std::array<std::string_view, 13> system_trees{"/usr",   "/etc",   "/bin",    "/sbin", "/lib",
                                                        "/lib32", "/lib64", "/libx32", "/proc", "/sys",
                                                        "/dev",   "/boot",  "/run"};
/// These hold the image's own software beside what users put there: only a mount over the whole hides it.
constexpr std::array<std::string_view, 4> shared_trees{"/", "/var", "/opt", "/var/lib"};

/// Whether a --volume of the user's lands there.
bool is_typed(const Options& options, const std::string& path) {
    return std::any_of(options.volumes.begin(), options.volumes.end(),
                       [&](const std::string& volume) { return volume_target(volume) == path; });
}

std::vector<Mount> mounts_for(const Options& options, const LauncherContext& context, const HostFacts& host) {
    std::vector<std::string> paths;
    std::copy_if(context.session_paths.begin(), context.session_paths.end(), std::back_inserter(paths),
                 [&](const std::string& path) { return host.present.contains(path); });
    if (mounts_cwd(options, host)) {
        paths.push_back(host.cwd);
        // Scripts and options name what is in it by this path.
        if (!host.cwd_by_name.empty() && !is_system_directory(host.cwd_by_name)) {
            paths.push_back(host.cwd_by_name);
        }
    }
    std::sort(paths.begin(), paths.end());
    paths.erase(std::unique(paths.begin(), paths.end()), paths.end());
    std::vector<Mount> mounts;
    for (const auto& path : paths) {
        if (!is_typed(options, path)) {
            mounts.push_back({path});
        }
    }
    return mounts;
}

/// The next job of a container that lingers has other session directories.
void set_apart_those_of_job(const LauncherContext& context, Plan& plan) {
    const auto& paths = context.session_paths;
    const auto of_job = std::stable_partition(
        plan.mounts.begin(), plan.mounts.end(),
        [&](const Mount& mount) { return std::find(paths.begin(), paths.end(), mount.path) == paths.end(); });
    plan.attached.assign(of_job, plan.mounts.end());
    plan.mounts.erase(of_job, plan.mounts.end());
}

}  // namespace

bool mounts_cwd(const Options& options, const HostFacts& host) {
    return !options.no_cwd && !is_system_directory(host.cwd);
}

void decide_mounts(const Options& options, const LauncherContext& context, const HostFacts& host,
                   Plan& plan) {
    plan.mounts = mounts_for(options, context, host);
    if (plan.linger > 0) {
        set_apart_those_of_job(context, plan);
    }
    std::transform(options.volumes.begin(), options.volumes.end(), std::back_inserter(plan.volumes),
                   [&](const std::string& volume) { return volume_from(host.cwd, volume); });
}

bool gets_tmp(const Options& options, const ImageFacts& image, const Plan& plan) {
    const Mount tmp{"/tmp"};
    return plan.per_rank && image.lacks_tmp && !is_typed(options, tmp.path) &&
           std::find(plan.mounts.begin(), plan.mounts.end(), tmp) == plan.mounts.end();
}

std::vector<std::string> paths_seen(const Plan& plan) {
    std::vector<std::string> seen;
    for (const auto* mounts : {&plan.mounts, &plan.attached}) {
        std::transform(mounts->begin(), mounts->end(), std::back_inserter(seen),
                       [](const Mount& mount) { return mount.path; });
    }
    for (const auto& volume : plan.volumes) {
        if (volume.starts_with(volume_target(volume) + ":")) {
            seen.push_back(volume_target(volume));
        }
    }
    return seen;
}

bool is_system_directory(const std::string& path) {
    const auto is = [&](std::string_view tree) { return path == tree; };
    const auto within = [&](std::string_view tree) {
        return path == tree || path.starts_with(std::string(tree) + "/");
    };
    return std::any_of(shared_trees.begin(), shared_trees.end(), is) ||
           std::any_of(system_trees.begin(), system_trees.end(), within);
}

}  // namespace mpi_podman
