#include "run/container_keeper.hpp"

#include <fcntl.h>
#include <poll.h>
#include <sys/signalfd.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <chrono>
#include <csignal>
#include <sstream>
#include <vector>

#include "run/agent_socket.hpp"
#include "run/container.hpp"
#include "run/describe.hpp"
#include "run/pristine.hpp"
#include "sys/process.hpp"
#include "wire/frame.hpp"

namespace mpi_podman {
namespace {

using namespace std::chrono_literals;
using Clock = std::chrono::steady_clock;

Fd open_end_signals() {
    sigset_t set;
    ::sigemptyset(&set);
    for (const int number : {SIGTERM, SIGINT, SIGHUP}) {
        ::sigaddset(&set, number);
    }
    ::sigprocmask(SIG_BLOCK, &set, nullptr);
    return Fd(::signalfd(-1, &set, SFD_CLOEXEC | SFD_NONBLOCK));
}

/// fcntl(2)'s lock tells who holds it, and so ends with the process that nobody takes another for it.
Fd lock_as_keeper(const std::string& path) {
    Fd file(::open((path + "/" + keeper_lock).c_str(), O_RDWR | O_CREAT | O_NOFOLLOW | O_CLOEXEC, 0600));
    struct flock lock {};
    lock.l_type = F_WRLCK;
    lock.l_whence = SEEK_SET;
    return file && ::fcntl(file.get(), F_SETLK, &lock) == 0 ? std::move(file) : Fd{};
}

std::vector<std::string> take_lines(const std::string& path) {
    std::vector<std::string> lines;
    std::istringstream in(read_file(path).value_or(""));
    for (std::string line; std::getline(in, line);) {
        lines.push_back(line);
    }
    ::unlink(path.c_str());
    return lines;
}

class ContainerKeeper {
public:
    ContainerKeeper(Lingering place, std::string podman, std::chrono::seconds linger)
        : place_(std::move(place)), podman_(std::move(podman)), linger_(linger) {}

    void keep() {
        const auto path = place_.path();
        const Fd lock = lock_as_keeper(path);
        const Fd signals = open_end_signals();
        connection_ = connect_to_agent(path, agent_socket, Say::hold);
        while (connection_) {
            // Without conmon nobody removes the container when it ends: it is not to have another job.
            std::array<pollfd, 3> events{{{connection_.get(), POLLIN, 0},
                                          {ending_ ? -1 : signals.get(), POLLIN, 0},
                                          {ending_ ? -1 : conmon_.get(), POLLIN, 0}}};
            const int happened = ::poll(events.data(), events.size(), milliseconds_left());
            const bool to_end = events[1].revents != 0 || events[2].revents != 0;
            ending_ = ending_ || to_end;
            if (happened == 0 || to_end) {
                // Nobody may be in it though a job has taken it: that may have died before it came.
                send_frame(connection_.get(), Say::hold);
                look_again_at_ = Clock::now() + linger_;
            }
            if (events[0].revents != 0 && !(hear() && decide())) {
                break;
            }
        }
        end();
    }

private:
    [[nodiscard]] int milliseconds_left() const {
        const auto left = std::chrono::ceil<std::chrono::milliseconds>(look_again_at_ - Clock::now());
        return static_cast<int>(std::max(left, 0ms).count());
    }

    /// False where the agent is gone.
    bool hear() {
        auto received = receive_frame(connection_.get());
        idle_ = received.say == Say::idle;
        if (received.fd && !conmon_) {
            agent_ = received.peer_pid;
            agent_fd_ = pidfd_of(agent_);
            if (auto description = read_sealed(received.fd)) {
                description_ = std::move(*description);
                conmon_ = pidfd_of(static_cast<pid_t>(description_.conmon));
                expected_ = description_.at_start.files;
            }
        }
        return idle_ || received.say == Say::busy;
    }

    /// Asks once more where no rank finds the container any longer: then nobody can be on the way.
    bool is_idle_for_good() {
        pollfd answer{connection_.get(), POLLIN, 0};
        return send_frame(connection_.get(), Say::hold) && ::poll(&answer, 1, 5000) == 1 && hear() && idle_;
    }

    /// What becomes of the container when it is idle. False where it is to end.
    bool decide() {
        const auto path = place_.path();
        const auto aside = place_.under_inspection();
        if (!idle_) {
            return true;
        }
        if (::rename(path.c_str(), aside.c_str()) != 0) {
            return !path.empty();  // taken this moment
        }
        auto next = path;
        if (is_idle_for_good()) {
            const bool waited = path == place_.waiting();
            if (ending_ || !(waited ? Clock::now() < wait_until_ : may_have_another_job())) {
                return false;
            }
            if (!waited) {
                next = place_.waiting();
                wait_until_ = look_again_at_ = Clock::now() + linger_;
            }
        }
        return static_cast<bool>(connection_) && ::rename(aside.c_str(), next.c_str()) == 0;
    }

    /// Whether it is as it was, and its conmon there to clean up behind it.
    bool may_have_another_job() {
        if (ended_within(conmon_, 0ms) || !shows_the_host_of_today(description_, agent_)) {
            return false;
        }
        expected_ = tidied(description_, agent_, expected_,
                           take_lines(place_.under_inspection() + "/" + made_directories));
        return !expected_.empty();
    }

    /// The agent ends with its last place; conmon then removes the container, unless it was killed.
    void end() {
        if (const auto path = place_.path(); !path.empty()) {
            remove_lingering(path);
        }
        connection_.reset();
        if (!ended_within(agent_fd_, 5s)) {
            signal_pidfd(agent_fd_, SIGKILL);
        }
        ended_within(conmon_, 10s);
        remove_container(podman_, place_.name);
    }

    Lingering place_;
    std::string podman_;
    std::chrono::seconds linger_;
    Fd connection_;  ///< this process's place in the container
    Fd agent_fd_, conmon_;
    pid_t agent_ = -1;
    Description description_;
    std::vector<std::string> expected_;  ///< what is written in the container when it is as it was
    bool idle_ = false, ending_ = false;
    Clock::time_point look_again_at_ = Clock::now() + linger_, wait_until_ = look_again_at_;
};

}  // namespace

Result<void> post_container_keeper(const Lingering& place, const std::string& podman, std::uint32_t seconds) {
    return fork_apart("container-keeper",
                      [&] { ContainerKeeper(place, podman, std::chrono::seconds(seconds)).keep(); }, {});
}

}  // namespace mpi_podman
