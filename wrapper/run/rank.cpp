#include "run/rank.hpp"

#include <spdlog/spdlog.h>
#include <unistd.h>

#include <chrono>

#include "podman/explain.hpp"
#include "podman/render.hpp"
#include "run/announcement.hpp"
#include "run/attend.hpp"
#include "run/bridge.hpp"
#include "run/explain_ending.hpp"
#include "run/hidden.hpp"
#include "run/own_streams.hpp"
#include "run/relay.hpp"
#include "run/run_paths.hpp"

namespace mpi_podman {
namespace {

/// On a terminal podman keeps our process group, or it could not read it (SIGTTIN); else it gets its own, so
/// that a launcher that signals its slot's group reaches the wrapper alone, which passes the signal on once.
Spawn how_to_start(const Plan& plan, const PodmanTells& tells, const Pipe& err, const Pipe& out) {
    Spawn how;
    for (const auto& [name, value] : plan.environment.set) {
        if (!podman_heeds(name)) {
            ::setenv(name.c_str(), value.c_str(), 1);
        }
    }
    how.argv = render(plan, tells);
    how.in = plan.interactive ? STDIN_FILENO : -1;
    how.out = out.write_end ? out.write_end.get() : STDOUT_FILENO;
    how.err = err.write_end.get();
    how.own_process_group = !plan.stdin_is_terminal;
    if (plan.pmi_fd) {
        how.pass = {*plan.pmi_fd};
    }
    return how;
}

/// Where stdout is a terminal and stdin is not (Open MPI's pty), podman would refuse to hand it on: it gets a
/// pipe.
Result<Pipe> pipe_for_stdout(const Plan& plan) {
    const bool needed = !plan.stdin_is_terminal && ::isatty(STDOUT_FILENO) != 0;
    return needed ? make_pipe() : Result<Pipe>(Pipe{});
}

void log_argv(const Plan& plan) {
    if (spdlog::should_log(spdlog::level::debug)) {
        spdlog::debug("starting: {}", render_shell(plan));
    }
}

/// The plan with what the rank has of its bridge.
Plan bridged(Plan plan, const RankBridge& bridge) {
    for (const auto& [name, value] : bridge.variables()) {
        plan.environment.set[name] = value;
        std::erase(plan.environment.inherited, name);
        std::erase(plan.environment.unset, name);
    }
    if (bridge.rank_fd() >= 0) {
        plan.pmi_fd = bridge.rank_fd();
    }
    return plan;
}

Result<Ending> run_beside(RankBridge& bridge, const Plan& plan, const JobDirectory& directory,
                          const Guard& guard, Moments& moments) {
    const auto signals =
        open_signals();  // those that came before have ended this process, as their default is
    if (!signals) {
        return failure(signals.error());
    }
    auto err = make_pipe();
    auto out = err ? pipe_for_stdout(plan) : failure(err.error());
    if (!out) {
        return failure(out.error());
    }
    auto announcement = Announcement::expect(directory);
    if (!announcement) {
        return failure(announcement.error());
    }
    log_argv(plan);
    const PodmanTells tells{announcement->pidfile(), id_file_in(directory.path(), plan.name)};
    ::unlink(tells.id.c_str());  // podman refuses one that is there
    auto how = how_to_start(plan, tells, *err, *out);
    how.before_exec = [&guard] { guard.tell_podman(); };
    directory.note_rank_container(plan.podman, plan.name);
    moments.pass(Moment::asked_podman);
    const OwnStreams streams(plan.podman);
    auto podman = spawn(how);
    if (!podman) {
        return failure(not_started(podman.error()));
    }
    err->write_end.reset();
    out->write_end.reset();
    const auto began = std::chrono::steady_clock::now();
    StartedPodman started{std::move(*podman),
                          Relay::of_stderr(std::move(err->read_end)),
                          Relay::of_stdout(std::move(out->read_end)),
                          std::move(*announcement),
                          *signals,
                          launcher_of(plan),
                          guard,
                          bridge,
                          directory,
                          tells.id,
                          moments};
    return attend(std::move(started), plan).map([&](const Ending& ending) {
        const auto ran = std::chrono::steady_clock::now() - began;
        explain_ending(ending, std::chrono::duration_cast<std::chrono::milliseconds>(ran), plan, directory);
        return ending;
    });
}

}  // namespace

Result<Ending> run_rank(const Plan& decided, const JobDirectory& directory,
                        const std::vector<std::string>& bases, const Guard& guard, Moments& moments) {
    auto bridge = open_bridge(decided, directory);
    if (!bridge) {
        return failure(bridge.error());
    }
    Plan plan = bridged(decided, **bridge);
    hide_ours(plan, directory, bases);
    auto ending = run_beside(**bridge, plan, directory, guard, moments);
    if (!ending) {
        (*bridge)->abandon();
    }
    return ending;
}

}  // namespace mpi_podman
