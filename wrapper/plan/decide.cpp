#include <algorithm>
#include <array>

#include "plan/devices.hpp"
#include "plan/host_mpi.hpp"
#include "plan/mounts.hpp"
#include "plan/plan.hpp"
#include "plan/refusals.hpp"
#include "plan/said_to_a_job.hpp"

namespace mpi_podman {
namespace {

bool is_relative_path(const std::string& program) {
    return program.find('/') != std::string::npos && program.front() != '/';
}

std::string workdir_for(const Options& options, const HostFacts& host, const ImageFacts& image,
                        const std::string& program) {
    if (!options.workdir.empty()) {
        return options.workdir;
    }
    const bool only_in_image =
        is_relative_path(program) && !host.present.contains(program) && image.workdir_has_program;
    return mounts_cwd(options, host) && !only_in_image ? host.cwd : std::string{};
}

/// A user's `--ulimit NAME=...` replaces ours of that name.
std::vector<Limit> limits_for(const Options& options, const HostFacts& host) {
    std::vector<Limit> limits = host.limits;
    std::erase_if(limits, [&](const Limit& limit) {
        return std::any_of(options.ulimits.begin(), options.ulimits.end(), [&](const std::string& typed) {
            return typed == "host" || typed.starts_with(limit.name + "=");
        });
    });
    return limits;
}

std::string files_outside(const HostFacts& host) {
    const auto [name, soft, hard] = limit_of_files(host);
    return name.empty() ? std::string{} : name + "=" + soft + ":" + hard;
}

/// What an adapter reads by itself must not move: its library locks it, or fails (mlock(2)).
std::string more_locked_memory(const Options& options, const HostFacts& host) {
    const auto& [name, soft, hard] = host.locked_memory;
    const bool typed = std::ranges::any_of(options.ulimits, [](const std::string& limit) {
        return limit == "host" || limit.starts_with("memlock=");
    });
    return typed || soft == hard ? std::string{} : name + "=" + hard + ":" + hard;
}

/// As far as somebody has looked.
Result<void> decide_devices(const Options& options, const HostFacts& host, Plan& plan) {
    plan.devices = options.devices;
    plan.devices_asked_for = devices_asked_for(options);
    plan.more_locked_memory = more_locked_memory(options, host);
    if (host.devices) {
        auto found = devices_for(options, *host.devices);
        if (!found) {
            return failure(found.error());
        }
        plan.devices = std::move(*found);
    }
    // The ranks of a node's container see by that whether they need it.
    if (plan.per_rank && needs_locked_memory(plan.devices) && !plan.more_locked_memory.empty()) {
        const auto& hard = host.locked_memory.hard;
        plan.limits.push_back({host.locked_memory.name, hard, hard});
    }
    return {};
}

struct Setting {
    std::string_view name, value, reason;
};

/// Ranks of one node in user namespaces of their own cannot read each other's memory (process_vm_readv(2)),
/// so the transport each MPI would fall back to is chosen beforehand; left alone they print a block of
/// warnings or fail.
constexpr std::array without_cma{
    Setting{"OMPI_MCA_btl_vader_single_copy_mechanism", "none", "Open MPI 4 warns at every start"},
    Setting{"OMPI_MCA_smsc", "^cma", "Open MPI 5"},
    Setting{"UCX_POSIX_USE_PROC_LINK", "n", "UCX fails to open /proc/PID/fd of a neighbour"},
};

bool may_share_node(const LauncherContext& context) {
    const auto size = context.local_size ? context.local_size : context.size;
    return size ? *size > 1 : context.launcher != Launcher::none;
}

/// Sets what the user neither set nor unset.
void set_default(RankEnvironment& rank, const Environment& seen, std::string_view name,
                 std::string_view value) {
    const bool unset = std::find(rank.unset.begin(), rank.unset.end(), name) != rank.unset.end();
    if (!unset && !lookup(seen, name)) {
        rank.set.emplace(name, value);
    }
}

/// Sets what the user did not type.
void put_in_place_of_the_launchers(RankEnvironment& rank, std::string_view name, std::string_view value) {
    const bool unset = std::find(rank.unset.begin(), rank.unset.end(), name) != rank.unset.end();
    if (!unset && rank.set.emplace(name, value).second) {
        std::erase(rank.inherited, name);
    }
}

void choose_transports(const Plan& plan, const LauncherContext& context, const Environment& seen,
                       RankEnvironment& rank) {
    if (!plan.per_rank || !plan.keep_id || !may_share_node(context)) {
        return;
    }
    for (const auto& [name, value, reason] : without_cma) {
        set_default(rank, seen, name, value);
    }
}

/// As Open MPI's own mpirun says it where there are more ranks than cores: one that waits gives its core up.
/// No other launcher does.
void yield_when_crowded(const Plan& plan, const LauncherContext& context, const HostFacts& host,
                        const Environment& seen, RankEnvironment& rank) {
    if (plan.pmi.bridge == Bridge::pmix_server && context.local_size.value_or(0) > host.cores) {
        set_default(rank, seen, "OMPI_MCA_mpi_yield_when_idle", "1");
    }
}

/// podman hands on fds contiguously from 3, whatever number the launcher chose.
void hand_on_pmi_fd(const LauncherContext& context, Plan& plan) {
    if (plan.per_rank && context.endpoint.fd && std::erase(plan.environment.inherited, "PMI_FD") > 0) {
        plan.pmi_fd = context.endpoint.fd;
        plan.environment.set["PMI_FD"] = "3";
    }
}

/// A rank of Open MPI that has begun takes its core, yielding it, from the launcher, which still starts
/// others. By tests/bench/launch it is a loss to hold 32 ranks of 2 cores until all have come, and a gain of
/// a tenth and more with 64 and 96.
std::uint32_t ranks_that_begin_together(const LauncherContext& context, const HostFacts& host) {
    constexpr std::uint32_t few_for_a_core = 24;
    const auto ranks = context.local_size.value_or(0);
    return ranks > few_for_a_core * host.cores ? ranks : 0;
}

/// What is copied or follows from one fact alone.
Plan plain_decisions(const Options& options, const LauncherContext& context, const HostFacts& host,
                     const ImageFacts& image) {
    Plan plan;
    plan.podman = options.podman;
    plan.image = options.image;
    plan.command = options.command;
    plan.program = program_of(options, image);
    plan.entrypoint = options.entrypoint;
    plan.name = container_name(host.hostname, host.pid);
    plan.job = context.job;
    plan.launcher =
        context.launcher == Launcher::none ? std::string{} : std::string(name_of(context.launcher));
    plan.launcher_pid = host.launcher;
    plan.hostname = host.hostname;
    plan.pmi = choose_path(options.pmi, context, image.mpi, options.mpi);
    plan.launcher_pmi = context.endpoint;
    plan.rank = context.rank;
    plan.size = context.size;
    plan.keep_id = host.uid != 0;
    plan.keep_groups = plan.keep_id && host.supplementary_groups;
    plan.per_rank = options.per_rank;
    plan.begin_together = ranks_that_begin_together(context, host);
    plan.pid = options.pid.value_or(options.per_rank ? PidMode::host : PidMode::private_);
    plan.linger = options.linger;
    decide_mounts(options, context, host, plan);
    plan.gets_tmp = gets_tmp(options, image, plan);
    plan.workdir = workdir_for(options, host, image, plan.program);
    plan.umask = host.umask;
    plan.limits = limits_for(options, host);
    plan.kills_for_memory = host.kills_for_memory;
    plan.files_outside = files_outside(host);
    plan.typed_limits = options.ulimits;
    plan.interactive = host.in == Stream::terminal || host.in == Stream::other;
    plan.stdin_is_terminal = host.in == Stream::terminal;
    plan.terminal = host.in == Stream::terminal && host.out == Stream::terminal;
    plan.pull = image.id.empty() ? options.pull : Pull::never;
    decide_host_mpi(options, host, plan);
    plan.security = options.security;
    plan.podman_arguments = options.podman_arguments;
    const bool labelled = std::any_of(options.security.begin(), options.security.end(),
                                      [](const std::string& option) { return option.starts_with("label"); });
    if (host.selinux && !labelled) {
        // Session directories carry the launcher's label; relabelling them (":z") would be seen outside.
        plan.security.emplace_back("label=disable");
    }
    return plan;
}

}  // namespace

std::string container_name(const std::string& hostname, pid_t wrapper) {
    std::string name = "mpi-podman-" + hostname + "-" + std::to_string(wrapper);
    // podman's names: [a-zA-Z0-9][a-zA-Z0-9_.-]*
    std::replace_if(
        name.begin(), name.end(),
        [](unsigned char c) { return std::isalnum(c) == 0 && c != '.' && c != '-'; }, '_');
    return name;
}

std::string program_of(const Options& options, const ImageFacts& image) {
    if (options.entrypoint && !options.entrypoint->empty()) {
        return *options.entrypoint;
    }
    if (!options.entrypoint && !image.entrypoint.empty()) {
        return image.entrypoint.front();
    }
    if (!options.command.empty()) {
        return options.command.front();
    }
    // podman-run(1): --entrypoint, an empty one too, drops the image's CMD as well.
    return options.entrypoint || image.command.empty() ? std::string{} : image.command.front();
}

std::vector<std::string> paths_to_ask(const Options& options, const LauncherContext& context) {
    auto paths = context.session_paths;
    if (const auto program = program_of(options, {}); is_relative_path(program)) {
        paths.push_back(program);
    }
    return paths;
}

Result<Plan> decide(const Options& options, const LauncherContext& context, const Environment& environment,
                    const HostFacts& host, const ImageFacts& image) {
    Plan plan = plain_decisions(options, context, host, image);
    if (const auto devices = decide_devices(options, host, plan); !devices) {
        return failure(devices.error());
    }
    plan.environment = rank_environment(options, context.pmi, plan.pmi.bridge, environment, paths_seen(plan));
    const auto seen = seen_by_rank(plan.environment, environment);
    if (options.pmi != PmiChoice::none) {
        choose_transports(plan, context, seen, plan.environment);
        yield_when_crowded(plan, context, host, seen, plan.environment);
        hand_on_pmi_fd(context, plan);
        for (const auto& [name, value, reason] : translations(plan.pmi.bridge, context, image.mpi)) {
            put_in_place_of_the_launchers(plan.environment, name, value);
        }
        if (const auto mode = security_mode(seen)) {
            put_in_place_of_the_launchers(plan.environment, "PMIX_SECURITY_MODE", *mode);
        }
    }
    if (options.mpi == MpiFrom::host) {
        prepend_library_path(image, seen, plan.environment);
    }
    if (plan.workdir == host.cwd) {
        set_default(plan.environment, seen, "PWD", plan.workdir);
    }
    leave_out_what_the_image_says(image.environment, plan.environment);
    // A bridge has all that the launcher gave us.
    const auto& spoken_to = plan.pmi.bridge == Bridge::none ? seen : environment;
    return check_one_job(options, context, spoken_to)
        .and_then([&] { return check_open_files(host); })
        .and_then([&] { return check_pid_mode(options, context); })
        .and_then([&] { return check_podman_can_carry(plan); })
        .and_then([&] {
            return plan.per_rank ? check_podman_can_carry(plan.environment, environment) : Result<void>();
        })
        .map([&] { return std::move(plan); });
}

}  // namespace mpi_podman
