#include "run/attend.hpp"

#include <poll.h>
#include <spdlog/spdlog.h>
#include <unistd.h>

#include <array>
#include <chrono>
#include <csignal>
#include <string>
#include <utility>
#include <vector>

#include "run/conmon.hpp"
#include "run/container.hpp"
#include "run/ending.hpp"
#include "run/killed.hpp"
#include "run/run_paths.hpp"
#include "run/signals.hpp"
#include "run/stays.hpp"

namespace mpi_podman {
namespace {

/// One rank's podman while it runs, and the loop that serves it.
class Running {
public:
    explicit Running(StartedPodman&& started)
        : signals_(started.signals),
          podman_(std::move(started.podman)),
          err_(std::move(started.err)),
          out_(std::move(started.out)),
          announcement_(std::move(started.announcement)),
          guard_(started.guard),
          launcher_(std::move(started.launcher)),
          bridge_(started.bridge),
          directory_(started.directory),
          id_file_(std::move(started.id_file)),
          moments_(started.moments) {
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
        const bool stragglers = container_ ? container_.kill_all() : kill_all_in(plan.name);
        err_.finish();
        out_.finish();
        auto container = container_end(ending);
        if (run_paths_.empty()) {  // nobody saw its conmon
            run_paths_ = run_paths_told(id_file_);
        }
        if (stragglers || ending.signal != 0 || container != ContainerEnd::removed) {
            container = remove(plan, container);
        }
        if (container != ContainerEnd::cannot_be_removed) {
            remove_run_paths(plan.podman, run_paths_);
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
                                       {container_ ? -1 : announcement_.fd(), POLLIN, 0},
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
            container_.signal(SIGSTOP);
            if (!launcher_died_) {
                say_trouble_of(bridge_, launcher_, plan.hostname, directory_);
            }
            end_rank();
        }
        return happened(8);
    }

    [[nodiscard]] ContainerEnd container_end(const Ending& podman) const {
        using namespace std::chrono_literals;
        if (!announcement_.seen()) {
            return announcement_.written() && podman.status == 0 ? ContainerEnd::unknown
                                                                 : ContainerEnd::never_made;
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

    void end_rank() {
        take_announcement();
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
        run_paths_ = run_paths_of(conmon);
        directory_.note_run_paths(run_paths_);
        if (!run_paths_.empty()) {
            ::unlink(id_file_.c_str());  // anybody may read it
        }
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
    std::vector<std::string> run_paths_;
    std::vector<int> waiting_;  ///< signals that came before the rank
    int asked_ = 0;
    Fd launcher_;
    bool rank_ended_ = false, launcher_died_ = false;
    RankBridge& bridge_;
    const JobDirectory& directory_;
    std::string id_file_;
    Moments& moments_;
};

}  // namespace

Result<Ending> attend(StartedPodman started, const Plan& plan) {
    return Running(std::move(started)).to_the_end(plan);
}

}  // namespace mpi_podman
