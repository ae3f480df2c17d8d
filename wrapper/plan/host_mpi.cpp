#include "plan/host_mpi.hpp"

#include <algorithm>

#include "plan/volume.hpp"

namespace mpi_podman {
namespace {

/// What the user mounts at one of these places, or we for the rank, stays: podman takes one mount for each.
std::vector<HostMount> mpi_mounts_for(const Options& options, const HostFacts& host,
                                      const std::vector<Mount>& mounts) {
    auto all = host.mpi_mounts;
    std::erase_if(all, [&](const HostMount& mount) {
        const auto typed = [&](const std::string& volume) { return volume_target(volume) == mount.target; };
        return std::any_of(options.volumes.begin(), options.volumes.end(), typed) ||
               std::find(mounts.begin(), mounts.end(), Mount{mount.target}) != mounts.end();
    });
    return all;
}

/// Two jobs share no container where they mean another MPI by this.
std::string mpi_label(const Options& options) {
    return "host, ABI check " + std::string(name_of(options.abi)) +
           (options.mpi_prefix.empty() ? "" : ", " + options.mpi_prefix);
}

}  // namespace

void decide_host_mpi(const Options& options, const HostFacts& host, Plan& plan) {
    if (options.mpi != MpiFrom::host) {
        return;
    }
    plan.mpi_from = mpi_label(options);
    plan.mpi_mounts = mpi_mounts_for(options, host, plan.mounts);
}

void prepend_library_path(const ImageFacts& image, const Environment& seen, RankEnvironment& rank) {
    constexpr std::string_view name = "LD_LIBRARY_PATH";
    std::string others;
    const bool unset = std::erase(rank.unset, name) > 0;
    for (const auto& entry : image.environment) {
        others = !unset && entry.starts_with("LD_LIBRARY_PATH=") ? entry.substr(name.size() + 1) : others;
    }
    others = lookup(seen, name).value_or(others);
    std::erase(rank.inherited, name);
    rank.set[std::string(name)] = std::string(host_mpi_directory) + (others.empty() ? "" : ":") + others;
}

}  // namespace mpi_podman
