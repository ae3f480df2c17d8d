#include "plan/refusals.hpp"

#include <algorithm>
#include <charconv>
#include <iterator>

#include "sys/printable.hpp"
#include "sys/text.hpp"

namespace mpi_podman {
namespace {

Result<void> check_rank_environment(const LauncherContext& context, const Environment& seen) {
    const auto missing = missing_for_rank(context, seen);
    if (missing.empty()) {
        return {};
    }
    const bool no_pmi = context.pmi == Pmi::none;
    return failure(
        Status::ours,
        std::string(name_of(context.launcher)) + " started " +
            (context.size ? std::to_string(*context.size) + " ranks" : "a job") +
            ", but its ranks would run as separate jobs of one rank each: " + joined(missing) +
            " missing from the rank's environment",
        no_pmi ? "start it with srun --mpi=pmix (or pmi2); for programs without MPI: mpi-podman --pmi=none"
               : "let them through (no --unsetenv, env -i or sudo between the launcher and mpi-podman); "
                 "for programs without MPI: mpi-podman --pmi=none");
}

/// --volume ends a path at a colon, --mount at a comma (podman/render.cpp).
Result<void> check_separators(const Plan& plan) {
    const auto holds_both = [](const Mount& mount) {
        return mount.path.find(':') != std::string::npos && mount.path.find(',') != std::string::npos;
    };
    const auto bad = std::ranges::find_if(plan.mounts, holds_both);
    return bad == plan.mounts.end()
               ? Result<void>()
               : failure(Status::ours,
                         "'" + bad->path + "' has a colon and a comma; podman can mount no such path",
                         "rename it, or leave it out with --no-cwd");
}

}  // namespace

Result<void> check_one_job(const Options& options, const LauncherContext& context, const Environment& seen) {
    return options.pmi == PmiChoice::none ? Result<void>() : check_rank_environment(context, seen);
}

Result<void> check_pid_mode(const Options& options, const LauncherContext& context) {
    if (!options.per_rank || options.pid != PidMode::private_ || context.local_size.value_or(1) <= 1) {
        return {};
    }
    return failure(Status::usage,
                   "--pid=private with several ranks on a node: shared memory between containers with "
                   "pid namespaces of their own crashes MPI",
                   "leave it out, or place one rank on each node (mpirun --map-by ppr:1:node)");
}

Result<void> check_open_files(const HostFacts& host) {
    constexpr unsigned long long needed = 32;  // 24 by trying, of podman 4.3 and crun 1.8, and some to spare
    const auto text = limit_of_files(host).hard;
    auto hard = needed;
    std::from_chars(text.data(), text.data() + text.size(), hard);  // "-1", unlimited, is no such number
    if (hard >= needed) {
        return {};
    }
    return failure(Status::ours,
                   "podman needs " + std::to_string(needed) + " open files, and the hard limit is " + text,
                   "raise the limit of open files: ulimit -n 64 or more");
}

Result<void> check_podman_can_carry(const Plan& plan) {
    std::vector<std::string> words = plan.volumes;
    std::transform(plan.mounts.begin(), plan.mounts.end(), std::back_inserter(words),
                   [](const Mount& mount) { return mount.path; });
    words.push_back(plan.entrypoint.value_or(""));
    if (plan.per_rank) {
        words.push_back(plan.workdir);
        words.insert(words.end(), plan.command.begin(), plan.command.end());
    }
    const auto bad =
        std::find_if_not(words.begin(), words.end(), [](const auto& word) { return is_utf8(word); });
    if (bad == words.end()) {
        return check_separators(plan);
    }
    return failure(Status::ours, "'" + *bad + "' holds bytes that are not UTF-8; podman would change them",
                   plan.per_rank ? "rename it, or leave out --per-rank" : "rename it");
}

}  // namespace mpi_podman
