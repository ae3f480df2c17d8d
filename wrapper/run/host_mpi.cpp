#include "run/host_mpi.hpp"

#include <spdlog/spdlog.h>
#include <sys/stat.h>

#include "plan/volume.hpp"
#include "sys/fd.hpp"

namespace mpi_podman {
namespace {

void log_reasons(const Verdict& verdict) {
    for (const auto& reason : verdict.reasons) {
        const auto level = reason.outcome == Outcome::works ? spdlog::level::info : spdlog::level::warn;
        spdlog::log(level, "--mpi=host: {}{}{}{}{}", reason.what, reason.why.empty() ? "" : ": ", reason.why,
                    reason.remedy.empty() ? "" : "; ", reason.remedy);
    }
}

/// The verdict as an Error, where it is that it cannot run.
Result<void> refuse_by(const Verdict& verdict, const std::string& image) {
    if (verdict.outcome != Outcome::cannot) {
        return {};
    }
    const auto& first = verdict.reasons.front();
    return failure(Status::ours,
                   "the host's MPI cannot run in " + image + ": " + first.what +
                       (first.why.empty() ? "" : "; ") + first.why,
                   first.remedy);
}

}  // namespace

std::vector<std::pair<std::string, std::string>> shown_by(const Plan& plan) {
    std::vector<std::pair<std::string, std::string>> shown;
    for (const auto& mount : plan.mounts) {
        shown.emplace_back(mount.path, mount.path);
    }
    for (const auto& volume : plan.volumes) {
        if (volume.starts_with('/')) {
            shown.emplace_back(volume_source(volume), volume_target(volume));
        }
    }
    return shown;
}

Rootfs seen_in_container(const Plan& plan, const std::vector<std::string>& layers) {
    HostMpiQuestion what;
    what.layers = layers;
    what.shown = shown_by(plan);
    return seen_by_rank(what, plan.mpi_mounts);
}

std::string facts_cache(const Environment& environment, const std::string& hostname) {
    const auto cache = lookup(environment, "XDG_CACHE_HOME").value_or("");
    const auto home = lookup(environment, "HOME").value_or("");
    if (!cache.starts_with('/') && !home.starts_with('/')) {
        return {};
    }
    const auto base = cache.starts_with('/') ? std::string(cache) : std::string(home) + "/.cache";
    for (const auto& directory : {base, base + "/mpi-podman-facts"}) {
        make_directory(directory, S_IRWXU);
    }
    return base + "/mpi-podman-facts/" + hostname;
}

Result<HostMpiInImage> host_mpi_for(const Plan& plan, const Options& options, const ImageFacts& image,
                                    const LauncherContext& context, const Environment& environment,
                                    const HostFacts& host) {
    return host_mpi_question(plan, options, image, context, environment, host)
        .and_then([&](const HostMpiQuestion& question) -> Result<HostMpiInImage> {
            auto found = look_for_host_mpi(question);
            log_reasons(found.verdict);
            if (options.abi == AbiCheck::none && !found.mounts.empty()) {
                return found;
            }
            return refuse_by(found.verdict, options.image).map([&] { return std::move(found); });
        });
}

Result<HostMpiQuestion> host_mpi_question(const Plan& plan, const Options& options, const ImageFacts& image,
                                          const LauncherContext& context, const Environment& environment,
                                          const HostFacts& host) {
    const std::string who = options.action == Action::check ? "--check" : "--mpi=host";
    if (image.layers.empty()) {
        return failure(Status::ours,
                       image.id.empty()
                           ? who + " looks into the image, and " + options.image + " is not on this node"
                           : who +
                                 " looks into the image, which podman keeps by another storage driver "
                                 "than overlay",
                       image.id.empty() ? "pull it first: podman pull " + options.image
                                        : "use the overlay driver (podman info), or the image's MPI");
    }
    HostMpiQuestion question;
    question.image_id = image.id;
    question.layers = image.layers;
    question.shown = shown_by(plan);
    question.in_image = places_of(image.environment, image.workdir);
    question.of_rank = places_of(to_strings(seen_in_image(image.environment, plan.environment, environment)),
                                 plan.workdir.empty() ? image.workdir : plan.workdir);
    question.program = plan.program;
    question.on_host = places_of(to_strings(environment), host.cwd);
    if (!options.mpi_prefix.empty()) {
        question.on_host.prefixes = {options.mpi_prefix};
    }
    question.prefix = options.mpi_prefix;
    question.check = options.abi;
    question.pmi = context.pmi;
    question.facts_cache = facts_cache(environment, host.hostname);
    return question;
}

}  // namespace mpi_podman
