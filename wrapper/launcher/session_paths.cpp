#include "launcher/session_paths.hpp"

#include <algorithm>
#include <array>
#include <optional>

namespace mpi_podman {
namespace {

constexpr std::array<std::string_view, 6> shared_places{"/", "/tmp", "/var/tmp", "/dev/shm", "/run", "/home"};
constexpr std::array<std::string_view, 5> variables_of_shared_places{
    "PMIX_SYSTEM_TMPDIR", "OMPI_MCA_orte_tmpdir_base", "PRTE_MCA_prte_tmpdir_base", "TMPDIR", "HOME"};

/// A session directory that is one of these would open all of it to the container, and be removed by nobody.
bool is_shared(const Environment& environment, const std::string& path) {
    const auto holds = [&](std::string_view name) {
        const auto value = lookup(environment, name);
        const auto place = value ? absolute_path(name, *value) : Result<std::string>{};
        return place && *place == path;
    };
    return std::find(shared_places.begin(), shared_places.end(), path) != shared_places.end() ||
           std::any_of(variables_of_shared_places.begin(), variables_of_shared_places.end(), holds);
}

/// The directory Slurm's pmix plugin makes for what PMIx 5 shares with its clients; the path reaches them by
/// PMIx alone ("%s/spmix_appdir_%u_%d.%d" in mpi_pmix). Its base is SLURM_PMIX_TMPDIR, or else TmpFS of
/// slurm.conf, which no variable tells: /tmp is its default.
Result<std::optional<std::string>> slurm_pmix_directory(const Environment& environment) {
    const auto uid = lookup(environment, "SLURM_JOB_UID");
    if (!uid) {
        return std::nullopt;
    }
    const auto base =
        absolute_path("SLURM_PMIX_TMPDIR", lookup(environment, "SLURM_PMIX_TMPDIR").value_or("/tmp"));
    if (!base) {
        return failure(base.error());
    }
    return absolute_path("SLURM_JOB_UID",
                         *base + "/spmix_appdir_" + std::string(*uid) + "_" + slurm_step(environment));
}

/// Sorts, and drops what lies below another: a path is mounted once.
void keep_topmost(std::vector<std::string>& paths) {
    std::sort(paths.begin(), paths.end());
    const auto below = [&](const std::string& path) {
        return std::any_of(paths.begin(), paths.end(),
                           [&](const std::string& other) { return path.starts_with(other + "/"); });
    };
    std::vector<std::string> kept;
    std::copy_if(paths.begin(), paths.end(), std::back_inserter(kept),
                 [&](const auto& path) { return !below(path); });
    kept.erase(std::unique(kept.begin(), kept.end()), kept.end());
    paths = std::move(kept);
}

bool names_a_path(const LauncherRow& row, std::string_view name) {
    return std::any_of(row.session_variables.begin(), row.session_variables.end(),
                       [&](std::string_view pattern) { return matches(pattern, name); });
}

}  // namespace

Result<std::vector<std::string>> session_paths(const LauncherRow& row, const Environment& environment) {
    std::vector<std::string> paths;
    for (const auto& [name, value] : environment) {
        if (!names_a_path(row, name)) {
            continue;
        }
        auto path = absolute_path(name, value);
        if (!path) {
            return failure(path.error());
        }
        if (!is_shared(environment, *path)) {
            paths.push_back(std::move(*path));
        }
    }
    if (row.launcher == Launcher::slurm && row.pmi == Pmi::pmix) {
        auto path = slurm_pmix_directory(environment);
        if (!path) {
            return failure(path.error());
        }
        if (*path) {
            paths.push_back(std::move(**path));
        }
    }
    keep_topmost(paths);
    return paths;
}

Result<std::string> session_directory(const LauncherRow& row, const Environment& environment) {
    const auto value = lookup(environment, row.session_directory);
    if (!value) {
        return std::string{};
    }
    const auto path = absolute_path(row.session_directory, *value);
    return path && is_shared(environment, *path) ? std::string{} : path;
}

}  // namespace mpi_podman
