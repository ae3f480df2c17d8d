#include "run/hidden.hpp"

#include <algorithm>
#include <filesystem>
#include <optional>

#include "run/host_mpi.hpp"

namespace mpi_podman {
namespace {

namespace fs = std::filesystem;

std::vector<std::string> sorted(std::vector<std::string> all) {
    std::ranges::sort(all);
    all.erase(std::unique(all.begin(), all.end()), all.end());
    return all;
}

/// Where a mount of `source` at `target` shows `directory`. What it leads to counts, not how it is called.
std::optional<std::string> seen_through(const std::string& source, const std::string& target,
                                        const fs::path& directory) {
    std::error_code why;
    const auto real = fs::canonical(source, why);
    const auto rest = why ? fs::path("..") : directory.lexically_relative(real);
    if (rest.empty() || *rest.begin() == "..") {
        return std::nullopt;
    }
    return rest == "." ? target : (fs::path(target) / rest).string();
}

std::vector<std::string> seen_through(const std::vector<std::pair<std::string, std::string>>& mounts,
                                      const std::vector<std::string>& directories) {
    std::vector<std::string> places;
    for (const auto& directory : directories) {
        for (const auto& [source, target] : mounts) {
            if (const auto place = seen_through(source, target, directory)) {
                places.push_back(*place);
            }
        }
    }
    return sorted(std::move(places));
}

/// The folder of all hosts, where a base is of one: homes are shared.
fs::path all_of_its_kind(const fs::path& base) {
    const auto above = base.parent_path();
    return above.filename() == "mpi-podman" ? above : base;
}

}  // namespace

std::vector<std::string> directories_of_ours(const std::string& of_job,
                                             const std::vector<std::string>& bases) {
    std::vector<std::string> directories;
    for (const auto& base : bases) {
        // NOLINTNEXTLINE(performance-inefficient-vector-operation): a handful
        directories.push_back(all_of_its_kind(base).string());
    }
    directories.push_back(all_of_its_kind(fs::path(of_job).parent_path()).string());
    for (auto& directory : directories) {
        std::error_code why;
        directory = fs::canonical(directory, why).string();  // empty where it is not there
    }
    std::erase(directories, "");
    return sorted(std::move(directories));
}

std::vector<std::string> shown_at(const Plan& plan, const std::vector<std::string>& directories) {
    return seen_through(shown_by(plan), directories);
}

std::vector<std::string> attached_at(const Plan& plan, const std::vector<std::string>& directories) {
    std::vector<std::pair<std::string, std::string>> mounts;
    for (const auto& mount : plan.attached) {
        mounts.emplace_back(mount.path, mount.path);
    }
    return seen_through(mounts, directories);
}

void hide_ours(Plan& plan, const JobDirectory& directory, const std::vector<std::string>& bases) {
    const auto directories = directories_of_ours(directory.path(), bases);
    plan.hidden = shown_at(plan, directories);
    if (!plan.hidden.empty()) {
        directory.note_hidden(directories);
    }
}

}  // namespace mpi_podman
