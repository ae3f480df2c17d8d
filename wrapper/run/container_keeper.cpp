#include "run/container_keeper.hpp"

#include <fcntl.h>
#include <poll.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <chrono>
#include <csignal>
#include <optional>
#include <vector>

#include "run/agent_socket.hpp"
#include "run/conmon.hpp"
#include "run/container.hpp"
#include "run/describe.hpp"
#include "run/pristine.hpp"
#include "run/run_paths.hpp"
#include "run/signals.hpp"
#include "sys/process.hpp"
#include "wire/frame.hpp"

namespace mpi_podman {
namespace {

using namespace std::chrono_literals;
using Clock = std::chrono::steady_clock;

constexpr auto patience_with_podman = 10s;  // when nobody waits for it any longer

/// fcntl(2)'s lock tells who holds it, and ends with that process. It is held before the file has its name:
/// one that nobody has locked is that of a keeper that is dead.
Fd lock_as_keeper(const std::string& path) {
    const auto name = path + "/" + keeper_lock;
    const auto unnamed = name + ".new";
    Fd file(::open(unnamed.c_str(), O_RDWR | O_CREAT | O_NOFOLLOW | O_CLOEXEC, 0600));
    struct flock lock {};
    lock.l_type = F_WRLCK;
    lock.l_whence = SEEK_SET;
    const bool locked = file && ::fcntl(file.get(), F_SETLK, &lock) == 0;
    return locked && ::rename(unnamed.c_str(), name.c_str()) == 0 ? std::move(file) : Fd{};
}

class ContainerKeeper {
public:
    ContainerKeeper(Lingering place, std::string podman, std::string image, std::chrono::seconds linger,
                    Fd starter)
        : place_(std::move(place)),
          podman_(std::move(podman)),
          image_(std::move(image)),
          linger_(linger),
          starter_(std::move(starter)) {}

    /// Makes the directory, whose file says that this process is there, and writes a byte to `begun`; begins
    /// when `listening` closes.
    void keep(const std::string& path, Fd begun, const Fd& listening) {
        block_signals();  // these end it, and no others
        const Fd signals = open_signalfd({SIGTERM, SIGINT, SIGHUP});
        make_lingering(path);
        const Fd lock = lock_as_keeper(path);
        if (!lock) {
            remove_lingering(path);
            return;
        }
        [[maybe_unused]] const ssize_t told = ::write(begun.get(), "", 1);
        begun.reset();
        is_closed_within(listening, -1);
        connection_ = connect_to_agent(path, agent_socket, {Say::hold});
        unanswered_ = 1;
        while (connection_ && serve(signals)) {
        }
        end();
    }

private:
    [[nodiscard]] int milliseconds_left() const {
        const auto left = std::chrono::ceil<std::chrono::milliseconds>(look_again_at_ - Clock::now());
        return static_cast<int>(std::max(left, 0ms).count());
    }

    /// Waits for one thing to happen. False when the container is to end, or has.
    bool serve(const Fd& signals) {
        // Without conmon nobody removes the container when it ends: it is not to have another job.
        std::array<pollfd, 4> events{{{connection_.get(), POLLIN, 0},
                                      {ending_ ? -1 : signals.get(), POLLIN, 0},
                                      {ending_ ? -1 : conmon_.get(), POLLIN, 0},
                                      {is_there() ? -1 : starter_.get(), POLLIN, 0}}};
        ::poll(events.data(), events.size(), milliseconds_left());
        ending_ = ending_ || events[1].revents != 0 || events[2].revents != 0;
        if (events[0].revents != 0) {
            const auto said = hear();
            return said && (said != Say::idle || decide());
        }
        if (events[3].revents != 0) {
            // Its podman may be about to succeed, or hang, or have been killed before the agent was started.
            starter_.reset();
            look_again_at_ = Clock::now() + patience_with_podman;
            return true;
        }
        if (!is_there() && !starter_) {
            return false;
        }
        // Where a job has taken it nobody need be in it: who took it may have died before it came.
        look_again_at_ = Clock::now() + linger_;
        return (place_.path() != place_.waiting() && !is_vacant()) || decide();
    }

    /// Whether the container is: its agent has answered.
    [[nodiscard]] bool is_there() const { return agent_ > 0; }

    /// What the agent says; nothing where it is gone.
    std::optional<Say> hear() {
        auto received = receive_frame(connection_.get());
        unanswered_ -= received.say == Say::vacant || received.say == Say::busy ? 1 : 0;
        if (received.fd && !conmon_) {
            agent_ = received.peer_pid;
            agent_fd_ = pidfd_of(agent_);
            if (auto description = read_sealed(received.fd)) {
                description_ = std::move(*description);
                conmon_ = pidfd_of(static_cast<pid_t>(description_.conmon));
                expected_ = description_.at_start.files;
                run_paths_ = run_paths_of(static_cast<pid_t>(description_.conmon));
            }
        }
        return received.say;
    }

    /// Asks, and waits for the answer to this question: not one to an earlier one, nor what was said
    /// meanwhile.
    bool is_vacant() {
        constexpr int patience = 5000;  // milliseconds
        pollfd answer{connection_.get(), POLLIN, 0};
        std::optional<Say> said;
        for (unanswered_ += send_frame(connection_.get(), {Say::hold}) ? 1 : 0; unanswered_ > 0;) {
            if (::poll(&answer, 1, patience) != 1 || !(said = hear())) {
                return false;
            }
        }
        return said == Say::vacant;
    }

    /// What becomes of the container when nobody is in it. Asks once more where no rank finds it any longer:
    /// then nobody can be on the way. False where it is to end.
    bool decide() {
        const auto path = place_.path();
        const auto aside = place_.under_inspection();
        if (::rename(path.c_str(), aside.c_str()) != 0) {
            return !path.empty();  // taken this moment
        }
        auto next = path;
        if (is_vacant()) {
            const bool waited = path == place_.waiting();
            if (ending_ || !(waited ? Clock::now() < wait_until_ : may_have_another_job())) {
                return false;
            }
            if (!waited) {
                next = place_.waiting();
                wait_until_ = look_again_at_ = Clock::now() + linger_;
            }
        }
        return ::rename(aside.c_str(), next.c_str()) == 0;
    }

    /// Whether it is as it was, and its conmon there to clean up behind it.
    bool may_have_another_job() {
        if (ended_within(conmon_, 0ms) || !shows_the_host_of_today(description_, agent_)) {
            return false;
        }
        expected_ = tidied(description_, agent_, expected_, place_.under_inspection() + "/" + made_places);
        has_image_of_its_name_ =
            has_image_of_its_name_ || has_image_of_its_name(description_, podman_, image_, place_.name);
        return !expected_.empty() && has_image_of_its_name_;
    }

    /// The agent ends with its last place; conmon then removes the container, unless it was killed.
    void end() {
        if (const auto path = place_.path(); !path.empty()) {
            if (run_paths_.empty()) {  // podman gave it up while it made it
                run_paths_ = run_paths_told(id_file_in(path, place_.name));
            }
            remove_lingering(path);
        }
        connection_.reset();
        if (!ended_within(agent_fd_, 5s)) {
            signal_pidfd(agent_fd_, SIGKILL);
        }
        ended_within(conmon_, 10s);
        if (remove_container(podman_, place_.name, std::chrono::steady_clock::now() + time_for_other_jobs)) {
            remove_run_paths(podman_, run_paths_);
        }
    }

    Lingering place_;
    std::string podman_, image_;
    std::chrono::seconds linger_;
    Fd starter_;          ///< pidfd of the wrapper that starts the container, until that has ended
    Fd connection_;       ///< this process's place in the container
    int unanswered_ = 0;  ///< how often the agent was asked and has not answered yet
    Fd agent_fd_, conmon_;
    pid_t agent_ = -1;
    Description description_;
    std::vector<std::string> run_paths_;
    std::vector<std::string> expected_;  ///< what is written in the container when it is as it was
    bool ending_ = false, has_image_of_its_name_ = false;
    Clock::time_point look_again_at_ = Clock::now() + linger_, wait_until_ = look_again_at_;
};

}  // namespace

Result<Fd> post_container_keeper(const Lingering& place, const std::string& job, const Plan& plan) {
    auto begun = make_pipe();
    auto listening = begun ? make_pipe() : failure(begun.error());
    if (!listening) {
        return failure(listening.error());
    }
    Fd starter = pidfd_of(::getpid());
    const auto code = [&] {
        begun->read_end.reset();
        listening->write_end.reset();
        ContainerKeeper keeper(place, plan.podman, plan.image, std::chrono::seconds(plan.linger),
                               std::move(starter));
        keeper.keep(place.of_job(job), std::move(begun->write_end), listening->read_end);
    };
    const auto kept = {starter.get(), begun->write_end.get(), listening->read_end.get()};
    if (const auto forked = fork_apart("container-keeper", code, kept); !forked) {
        return failure(forked.error());
    }
    begun->write_end.reset();
    char byte = 0;
    const bool is_there = read_some(begun->read_end.get(), &byte, sizeof byte) == sizeof byte;
    return is_there ? std::move(listening->write_end) : Fd{};
}

}  // namespace mpi_podman
