#include "run/rank.hpp"

#include <poll.h>
#include <spdlog/spdlog.h>
#include <sys/stat.h>
#include <unistd.h>

#include <array>
#include <chrono>

#include "podman/explain.hpp"
#include "podman/render.hpp"
#include "run/announcement.hpp"
#include "run/bridge.hpp"
#include "run/conmon.hpp"
#include "run/container.hpp"
#include "run/explain_ending.hpp"
#include "run/hidden.hpp"
#include "run/killed.hpp"
#include "run/own_streams.hpp"
#include "run/relay.hpp"
#include "run/report.hpp"
#include "run/stays.hpp"

namespace mpi_podman {
namespace {

/// One rank's podman while it runs, and the loop that serves it.
class Running {
public:
    Running(const Fd& signals, Fd launcher, Child podman, Relay err, Relay out, Announcement announcement,
            const Guard& guard, RankBridge& bridge, const JobDirectory& directory, Moments& moments)
        : signals_(signals),
          podman_(std::move(podman)),
          err_(std::move(err)),
          out_(std::move(out)),
          announcement_(std::move(announcement)),
          guard_(guard),
          launcher_(std::move(launcher)),
          bridge_(bridge),
          directory_(directory),
          moments_(moments) {
        bridge_.rank_has_started();
    }

    /// Serves until podman ends, then ends whatever is left of the container.
    Result<Ending> to_the_end(const Plan& plan) {
        while (!step(plan)) {
        }
        if (!announcement_.seen()) {
            take_announcement();  // a rank so short that podman ended in the same moment
        }
        const Ending ending = podman_.wait();
        moments_.pass(Moment::ended);
        const bool stragglers = container_.kill_all();
        err_.finish();
        out_.finish();
        auto container = container_end(ending);
        if (stragglers || ending.signal != 0 || container != ContainerEnd::removed) {
            container = remove(plan, container);
        }
        if (container != ContainerEnd::cannot_be_removed) {
            remove_run_directories(run_directories_);
        }
        spdlog::debug("podman ended: status {}, signal {}", ending.status, ending.signal);
        if (launcher_died_) {
            return failure(launcher_died(plan));
        }
        auto of_rank = ending_of_rank(plan, ending, container, asked_, err_.words());
        if (const auto without = of_rank ? bridge_.end() : Result<void>(); !without) {
            await_own_end();
            return failure(without.error());
        }
        return of_rank;
    }

private:
    /// Waits for one thing to happen and serves it. True when podman has ended.
    bool step(const Plan& plan) {
        std::array<pollfd, 10> events{{{signals_.get(), POLLIN, 0},
                                       {announcement_.fd(), POLLIN, 0},
                                       {err_.wants_read(), POLLIN, 0},
                                       {err_.wants_write(), POLLOUT, 0},
                                       {out_.wants_read(), POLLIN, 0},
                                       {out_.wants_write(), POLLOUT, 0},
                                       {rank_ended_ ? -1 : container_.pidfd(), POLLIN, 0},
                                       {launcher_.get(), POLLIN, 0},
                                       {podman_.pidfd(), POLLIN, 0},
                                       {bridge_.fd(), POLLIN, 0}}};
        ::poll(events.data(), events.size(), -1);
        const auto happened = [&](std::size_t i) { return events[i].revents != 0; };  // NOLINT: i < 10
        if (happened(1)) {
            take_announcement();
        }
        if (happened(0)) {
            serve_signals();
        }
        serve(err_, happened(2), happened(3));
        serve(out_, happened(4), happened(5));
        if (happened(6)) {
            // podman waits for every holder of the rank's streams, the launcher only for the rank.
            rank_ended_ = true;
            container_.kill_all();
        }
        if (happened(7)) {
            launcher_.reset();
            launcher_died_ = true;
            end_rank();
        }
        if (happened(9) && !bridge_.serve()) {
            end_rank();
            say_what_failed(plan);
        }
        return happened(8);
    }

    [[nodiscard]] ContainerEnd container_end(const Ending& podman) const {
        using namespace std::chrono_literals;
        if (!announcement_.seen()) {
            return ContainerEnd::never_made;
        }
        if (bundle_.empty()) {
            return is_podmans_own(podman.status) ? ContainerEnd::unknown : ContainerEnd::removed;
        }
        // Another podman, conmon's, may be at it.
        const auto patience = podman.signal != 0 ? 0s : 1s;
        return file_stays(bundle_, patience) ? ContainerEnd::kept : ContainerEnd::removed;
    }

    /// What cannot be removed now the janitor tries again, when all ranks have ended.
    ContainerEnd remove(const Plan& plan, ContainerEnd container) const {
        spdlog::info("removing container {}", plan.name);
        if (remove_container(plan.podman, plan.name)) {
            return container;
        }
        directory_.note_container(plan.podman, plan.name);
        directory_.note_unclean();
        return container == ContainerEnd::kept ? ContainerEnd::cannot_be_removed : container;
    }

    /// Now: podman may take seconds to end, and the launcher kills this process when another rank has ended.
    void say_what_failed(const Plan& plan) const {
        await_own_end();
        if (const auto trouble = bridge_.trouble()) {
            report(*trouble, plan.hostname, &directory_);
        }
    }

    void end_rank() {
        container_.kill_all();
        podman_.signal(SIGTERM);
    }

    static void serve(Relay& relay, bool readable, bool writable) {
        if (readable) {
            relay.read_some();
        }
        if (writable) {
            relay.write_some();
        }
    }

    void take_announcement() {
        if (container_) {
            return;
        }
        container_ = announcement_.read();
        if (!announcement_.seen()) {
            return;
        }
        const auto conmon = conmon_above(container_.pid());
        bundle_ = conmon_option(conmon, "-b");
        run_directories_ = run_directories_of(conmon);
        moments_.pass(Moment::inside);
        moments_.pass(Moment::executed);
        err_.open();
        guard_.tell_rank(container_.pid());
        spdlog::debug("the container runs, rank's pid {}", container_.pid());
        for (const int number : std::exchange(waiting_, {})) {
            container_.signal(number);
        }
    }

    void serve_signals() {
        for (int number = next_signal(signals_); number != 0; number = next_signal(signals_)) {
            spdlog::debug("signal {} for the rank", number);
            asked_ = is_fatal(number) ? number : asked_;
            pass_on(number);
            if (number == SIGTSTP) {
                static_cast<void>(
                    ::raise(SIGSTOP));  // so that the launcher, or the shell, sees a stopped process
            }
        }
    }

    void pass_on(int number) {
        if (container_) {
            container_.signal(number);
            return;
        }
        waiting_.push_back(number);
        if (is_fatal(number)) {
            podman_.signal(SIGTERM);  // still starting: it gives up, and puts its store in order first
        }
    }

    const Fd& signals_;
    Child podman_;
    Relay err_, out_;
    Announcement announcement_;
    const Guard& guard_;
    Container container_;
    std::string bundle_;  ///< the directory that podman removes with the container
    std::vector<std::string> run_directories_;
    std::vector<int> waiting_;  ///< signals that came before the rank
    int asked_ = 0;
    Fd launcher_;
    bool rank_ended_ = false, launcher_died_ = false;
    RankBridge& bridge_;
    const JobDirectory& directory_;
    Moments& moments_;
};

/// On a terminal podman keeps our process group, or it could not read it (SIGTTIN); else it gets its own, so
/// that a launcher that signals its slot's group reaches the wrapper alone, which passes the signal on once.
Spawn how_to_start(const Plan& plan, const std::string& pidfile, const Pipe& err, const Pipe& out) {
    Spawn how;
    for (const auto& [name, value] : plan.environment.set) {
        if (!podman_heeds(name)) {
            ::setenv(name.c_str(), value.c_str(), 1);
        }
    }
    how.argv = render(plan, pidfile);
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
    auto how = how_to_start(plan, announcement->pidfile(), *err, *out);
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
    Running running(*signals, launcher_of(plan), std::move(*podman),
                    Relay::of_stderr(std::move(err->read_end)), Relay::of_stdout(std::move(out->read_end)),
                    std::move(*announcement), guard, bridge, directory, moments);
    const auto began = std::chrono::steady_clock::now();
    return running.to_the_end(plan).map([&](const Ending& ending) {
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
    plan.hidden = shown_at(plan, directories_of_ours(directory.path(), bases));
    auto ending = run_beside(**bridge, plan, directory, guard, moments);
    if (!ending) {
        (*bridge)->abandon();
    }
    return ending;
}

}  // namespace mpi_podman
