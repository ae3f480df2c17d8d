#include "run/node_rank.hpp"

#include <poll.h>
#include <spdlog/spdlog.h>
#include <sys/resource.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <chrono>
#include <csignal>

#include "inspect/image.hpp"
#include "join/enter.hpp"
#include "podman/render.hpp"
#include "run/bridge.hpp"
#include "run/explain_ending.hpp"
#include "run/first_socket.hpp"
#include "run/hidden.hpp"
#include "run/installed.hpp"
#include "run/killed.hpp"
#include "run/signals.hpp"
#include "run/terminal.hpp"

namespace mpi_podman {
namespace {

/// What the container shows of the image, seen from outside through the agent's root.
ImageFacts facts_from(const Place& place, const Plan& plan) {
    ImageFacts image;
    image.id = "in the node's container";
    image.workdir = place.description.workdir;
    image.mpi = place.description.mpi;
    image.environment = place.description.environment;
    if (plan.command.empty()) {
        image.command = place.description.entry;
    } else if (!place.description.entry.empty()) {
        image.entrypoint.assign(place.description.entry.begin(), place.description.entry.end() - 1);
    }
    return image;
}

/// ENTRYPOINT's words, which podman has worked out, then COMMAND or CMD.
std::vector<std::string> words_of(const Place& place, const Plan& plan) {
    auto words = place.description.entry;
    if (!plan.command.empty()) {
        if (!words.empty()) {
            words.pop_back();  // the mark that stood for the command
        }
        words.insert(words.end(), plan.command.begin(), plan.command.end());
    }
    return words;
}

std::vector<std::string> environment_of(const Place& place, const Plan& plan, const Environment& environment,
                                        const RankBridge& bridge) {
    auto all = seen_in_image(place.description.environment, plan.environment, environment);
    for (const auto& [name, value] : bridge.variables()) {
        all[name] = value;
    }
    if (auto& home = all["HOME"]; home.empty()) {
        home = "/";  // podman names none in the second container of a job, and Open MPI fails without
    }
    return to_strings(all);
}

/// Those of outside, where this process changed its own, and what a device of the container needs; then what
/// the user typed.
std::vector<std::string> limits_of_rank(const Place& place, const Plan& plan) {
    auto all = plan.typed_limits;
    if (place.description.needs_locked_memory && !plan.more_locked_memory.empty()) {
        all.insert(all.begin(), plan.more_locked_memory);
    }
    if (!plan.files_outside.empty()) {
        all.insert(all.begin(), plan.files_outside);
    }
    return all;
}

Result<Rank> rank_of(const Place& place, const Plan& plan, const Environment& environment,
                     const RankBridge& bridge, const JobDirectory& directory) {
    Rank rank;
    rank.argv = words_of(place, plan);
    rank.environment = environment_of(place, plan, environment, bridge);
    rank.workdir = plan.workdir.empty() ? place.description.workdir : plan.workdir;
    auto limits = resource_limits(limits_of_rank(place, plan));
    if (!limits) {
        return failure(limits.error());
    }
    rank.limits = std::move(*limits);
    std::transform(plan.attached.begin(), plan.attached.end(), std::back_inserter(rank.attached),
                   [](const Mount& mount) { return mount.path; });
    if (!rank.attached.empty()) {
        rank.hidden = attached_at(plan, directories_of_ours(directory.path(), {}));
    }
    rank.own = bridge.fds();
    rank.made = place.made.get();
    if (rank.argv.empty() || rank.argv.front().empty()) {
        return failure(Status::usage, "no COMMAND given, and " + plan.image + " names none",
                       "name the program to run");
    }
    return rank;
}

Usage usage_from(const rusage& used) {
    const auto seconds = [](const timeval& time) {
        return static_cast<double>(time.tv_sec) + static_cast<double>(time.tv_usec) / 1e6;
    };
    // glibc's rusage has each number in a union of its own.
    // NOLINTNEXTLINE(cppcoreguidelines-pro-type-union-access)
    return {static_cast<std::uint64_t>(used.ru_maxrss), seconds(used.ru_utime), seconds(used.ru_stime)};
}

enum class Outlived { nothing, launcher, agent };

/// Looks again and again for what no event tells, and only where it is asked for.
class Watch {
public:
    Watch(const Joined& joined, Observation& seen) : seen_(seen) {
        if (seen.closely) {
            first_socket_.emplace(joined.keeper());
        }
    }
    /// Milliseconds until the next look; -1: none.
    [[nodiscard]] int pause() const { return first_socket_ ? 10 : -1; }
    void look() {
        if (first_socket_ && first_socket_->is_there()) {
            seen_.moments.pass(Moment::connected);
            first_socket_.reset();
        }
    }

private:
    Observation& seen_;
    std::optional<FirstSocket> first_socket_;
};

/// Serves until the rank has ended: by itself, or because what it needs did.
Outlived serve(const Fd& signals, const Place& place, const Joined& joined, RankBridge& bridge, Watch watch,
               const Plan& plan, const JobDirectory& directory) {
    const Fd launcher = launcher_of(plan);
    auto outlived = Outlived::nothing;
    std::array<pollfd, 5> events{{{joined.pidfd(), POLLIN, 0},
                                  {signals.get(), POLLIN, 0},
                                  {launcher.get(), POLLIN, 0},
                                  {place.connection.get(), POLLIN, 0},
                                  {}}};
    while (true) {
        events[4] = {bridge.fd(), POLLIN, 0};
        ::poll(events.data(), events.size(), watch.pause());
        watch.look();
        if (events[0].revents != 0) {
            return outlived;
        }
        // The agent never speaks to a member: this is its end. Without a pid linux namespace of its own that
        // spares the rank; with one the kernel kills the rank too, but closes the agent's sockets first.
        if (events[3].revents != 0 && outlived == Outlived::nothing) {
            outlived = Outlived::agent;
        }
        if (events[2].revents != 0) {
            outlived = Outlived::launcher;
        }
        for (auto* gone : {&events[2], &events[3]}) {
            if (gone->revents != 0) {
                gone->fd = -1;
                joined.signal(SIGKILL);
            }
        }
        if (events[4].revents != 0 && !bridge.serve()) {
            joined.signal(SIGSTOP);
            say_trouble_of(bridge, launcher, plan.hostname, directory);
            joined.signal(SIGKILL);
        }
        for (int number = next_signal(signals); number != 0; number = next_signal(signals)) {
            joined.signal(number);
            if (number == SIGTSTP) {
                static_cast<void>(
                    ::raise(SIGSTOP));  // so that the launcher, or the shell, sees a stopped process
            }
        }
    }
}

Error container_killed(const Plan& plan) {
    return killed_from_outside("the node's container was killed, and the rank in it", plan);
}

/// The rank, with the keeper above it. Where the container is still there, somebody killed just these:
/// nothing to explain, as natively. The agent's end is seen at its socket, which it never writes to: as that
/// of the first in a pid linux namespace, its pidfd is not readable before all in there have been waited for
/// (pid_namespaces(7)), other ranks too. Where it is not the first, it may be killed a moment after the rank.
Result<Ending> killed(const Place& place, const Plan& plan) {
    return ended_within(place.connection, std::chrono::milliseconds(100))
               ? Result<Ending>(failure(container_killed(plan)))
               : Result<Ending>(Ending{0, SIGKILL});
}

/// The agent's root is what the rank saw, mounts and all.
void explain(const Ending& ending, std::chrono::steady_clock::duration ran, const Rank& rank,
             const Place& place, const Plan& plan, const JobDirectory& directory) {
    EndedRank ended{ending,
                    std::chrono::duration_cast<std::chrono::milliseconds>(ran),
                    {rank.argv.front()},
                    rank.environment,
                    rank.workdir};
    if (!plan.command.empty() && plan.command.front() != rank.argv.front()) {
        ended.programs.push_back(plan.command.front());
    }
    explain_ending(
        ended, plan, [&] { return Rootfs({"/proc/" + std::to_string(place.agent_pid) + "/root"}); },
        directory);
}

Result<Ending> run_beside(RankBridge& bridge, const Place& place, const Plan& plan,
                          const Environment& environment, const JobDirectory& directory, Observation& seen) {
    auto rank = rank_of(place, plan, environment, bridge, directory);
    if (!rank) {
        return failure(rank.error());
    }
    const auto signals =
        open_signals();  // those that came before have ended this process, as their default is
    if (!signals) {
        return failure(signals.error());
    }
    const TerminalSettings terminal;
    const auto began = std::chrono::steady_clock::now();
    auto joined = Joined::enter(place.agent, place.agent_pid, place.description, *rank);
    if (!joined) {
        return failure(joined.error());
    }
    seen.moments.pass(Moment::executed);
    bridge.rank_has_started();
    switch (serve(*signals, place, *joined, bridge, Watch(*joined, seen), plan, directory)) {
        case Outlived::launcher: return failure(launcher_died(plan));
        case Outlived::agent: return failure(container_killed(plan));
        case Outlived::nothing: break;
    }
    const auto ran = std::chrono::steady_clock::now() - began;
    const auto ended = joined->wait(*rank, plan.image);
    if (!ended) {
        return failure(ended.error());
    }
    if (const auto without = bridge.end(); !without) {
        await_own_end();
        return failure(without.error());
    }
    seen.moments.pass(Moment::ended);
    seen.usage = usage_from(joined->usage());
    if (!*ended) {
        return killed(place, plan);
    }
    explain(**ended, ran, *rank, place, plan, directory);
    return **ended;
}

Result<Ending> run_at(const Place& place, const Plan& plan, const Environment& environment,
                      const JobDirectory& directory, Observation& seen) {
    auto bridge = open_bridge(plan, directory);
    if (!bridge) {
        return failure(bridge.error());
    }
    auto ending = run_beside(**bridge, place, plan, environment, directory, seen);
    if (!ending) {
        (*bridge)->abandon();
    }
    return ending;
}

}  // namespace

Result<Ending> run_in_node(const Plan& plan, const Decisions& decisions, const Environment& environment,
                           const JobDirectory& directory, const std::vector<std::string>& lingering_bases,
                           Observation& seen) {
    auto agent = installed("agent");
    if (!agent) {
        return failure(agent.error());
    }
    NodeContainer container(plan, decisions.for_container, directory, *agent, lingering_bases, seen.moments);
    auto place = container.take_place();
    if (!place) {
        return failure(place.error());
    }
    seen.moments.pass(Moment::inside);
    spdlog::debug("in the node's container, agent {}", place->agent_pid);
    auto image = facts_from(*place, plan);
    // What PATH leads to, or starts with '/', is the same wherever it is run.
    if (plan.program.find('/') != std::string::npos) {
        const auto root = "/proc/" + std::to_string(place->agent_pid) + "/root";
        image.workdir_has_program = image_has({root}, image.workdir + "/" + plan.program);
    }
    auto ending = decisions.for_rank(image).and_then(
        [&](const Plan& final) { return run_at(*place, final, environment, directory, seen); });
    if (ended_within(pidfd_of(static_cast<pid_t>(place->description.conmon)), std::chrono::milliseconds(0))) {
        directory.note_unclean();
    }
    return ending;
}

}  // namespace mpi_podman
