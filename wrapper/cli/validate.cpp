#include "cli/validate.hpp"

#include <algorithm>
#include <string_view>

#include "cli/choices.hpp"

namespace mpi_podman {
namespace {

/// A container that lingers is one that ranks share, whose pid linux namespace ends what a job leaves in it,
/// and that holds nothing of the job that started it.
Result<void> validate_linger(const Options& options) {
    const char* only =
        "--linger keeps a container that the ranks of a node share, with a pid namespace of its own";
    if (options.linger > 0 && options.per_rank) {
        return failure(Status::usage, "--linger does not go with --per-rank", only);
    }
    if (options.linger > 0 && options.pid == PidMode::host) {
        return failure(Status::usage, "--linger does not go with --pid=host", only);
    }
    const auto& words = options.podman_arguments;
    const auto passes = std::find_if(words.begin(), words.end(), [](const std::string& word) {
        return word.starts_with("--env") || word.starts_with("-e");
    });
    if (options.linger > 0 && passes != words.end()) {
        return failure(Status::usage, "--linger does not go with --podman-arg=" + *passes,
                       "the next job would get this job's values: use mpi-podman's own --env");
    }
    return {};
}

Result<void> validate_mpi(const Options& options) {
    const auto& prefix = options.mpi_prefix;
    if (!prefix.empty() && options.mpi == MpiFrom::image && options.action != Action::check) {
        return failure(Status::usage, "--mpi-prefix names an MPI of the host, but the image's is used",
                       "add --mpi=host");
    }
    if (!prefix.empty() && !options.mpi_name.empty()) {
        return failure(Status::usage, "--mpi=host:" + options.mpi_name + " and --mpi-prefix both name an MPI",
                       "leave one of them out");
    }
    return {};
}

Result<void> validate_prefix(const Options& options) {
    const std::string_view prefix = options.mpi_prefix;
    const bool names_one =
        prefix.empty() || (prefix.front() == '/' && prefix.find_first_not_of('/') != std::string_view::npos);
    return names_one
               ? Result<void>()
               : failure(Status::usage,
                         "--mpi-prefix " + options.mpi_prefix + " is no directory an MPI is installed in",
                         "give its absolute path, as /opt/openmpi");
}

Result<void> validate_report(const Options& options) {
    const std::string_view file = options.report;
    return file.empty() || file.ends_with(".html") || file.ends_with(".json")
               ? Result<void>()
               : failure(Status::usage, "--report " + options.report + ": in which form?",
                         "end its name in .html for a page, in .json for scripts");
}

Result<void> validate_check(const Options& options) {
    if (!options.launcher.empty() && options.action != Action::check) {
        return failure(Status::usage, "--launcher is for --check alone", "add --check, or leave it out");
    }
    if (!options.hostfile.empty() && options.action != Action::check &&
        options.action != Action::distribute) {
        return failure(Status::usage, "--hostfile is for --check and --distribute",
                       "add one of them, or leave it out; mpirun has a --hostfile of its own");
    }
    return {};
}

Result<void> validate_distribute(const Options& options) {
    if (options.action != Action::distribute || options.distribute_as != DistributeAs::text) {
        return {};
    }
    if (options.hostfile.empty()) {
        return failure(Status::usage, "--distribute needs to know the nodes", "add --hostfile FILE");
    }
    if (!options.command.empty()) {
        return failure(Status::usage, "--distribute takes no COMMAND, but here is " + options.command.front(),
                       "leave it out; options stand before IMAGE");
    }
    if (options.image.find('@') != std::string::npos) {
        return failure(Status::usage,
                       "nodes would not know " + options.image +
                           ": the digest is that of a registry's compressed layers",
                       "name the image by its tag or id");
    }
    return {};
}

}  // namespace

Result<void> validate_values(const Options& options) {
    for (const auto& entry : options.environment) {
        if (entry.empty() || entry.front() == '=') {
            return failure(Status::usage, "--env '" + entry + "' names no variable",
                           "write --env NAME or NAME=VALUE");
        }
    }
    if (!options.workdir.empty() && options.workdir.front() != '/') {
        return failure(Status::usage, "--workdir " + options.workdir + " is not absolute", "start it with /");
    }
    if (std::find(log_levels.begin(), log_levels.end(), options.log_level) == log_levels.end()) {
        return failure(Status::usage, "--log-level=" + options.log_level + ": no such level",
                       "use trace, debug, info, warn, error, critical or off");
    }
    for (const auto& word : options.podman_arguments) {
        if (word.starts_with("--pidfile") || word.starts_with("--cidfile")) {
            return failure(Status::usage,
                           "--podman-arg=" + word + ": mpi-podman itself has podman write such a file",
                           "ask podman for what it holds: podman inspect");
        }
    }
    if (options.podman.empty()) {
        return failure(Status::usage, "--podman is empty",
                       "give the path of podman, or leave the option out");
    }
    return validate_prefix(options).and_then([&] { return validate_report(options); });
}

Result<void> validate(const Options& options) {
    return validate_values(options)
        .and_then([&] { return validate_mpi(options); })
        .and_then([&] { return validate_check(options); })
        .and_then([&] { return validate_distribute(options); })
        .and_then([&] { return validate_linger(options); });
}

}  // namespace mpi_podman
