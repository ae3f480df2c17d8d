#include "agent/agent.hpp"

#include <sys/resource.h>
#include <sys/signalfd.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <csignal>
#include <utility>

#include "wire/frame.hpp"

namespace mpi_podman {
namespace {

constexpr int patience = 60'000;  // milliseconds for the first rank to come; then it never will

/// Ends everything else in the pid linux namespace, whosever child it is (kill(2), -1). False where there is
/// still something after a second, or where this is not the namespace's first process and so not its owner.
bool end_all_processes() {
    constexpr int attempts = 100;
    for (int attempt = 0; ::getpid() == 1 && attempt < attempts; ++attempt) {
        if (::kill(-1, SIGKILL) != 0 && errno == ESRCH) {
            return true;
        }
        while (::waitpid(-1, nullptr, WNOHANG) > 0) {
        }
        ::poll(nullptr, 0, 10);
    }
    return false;
}

/// The first process of a pid linux namespace gets from within only the signals it asks for: not SIGKILL, and
/// the others are not for the ranks to send either. Who kill(2)s from outside has no number here
/// (pid_namespaces(7)), which sigqueue(3) could but claim.
bool may_end_us(const signalfd_siginfo& signal) {
    return ::getpid() != 1 || (signal.ssi_code == SI_USER && signal.ssi_pid == 0);
}

/// Each place is an fd, and poll(2) takes no more than there may be; some are for what else this process
/// has open, the description, and somebody who is told that there is no place left.
std::size_t places() {
    constexpr rlim_t others = 8;
    rlimit limit{};
    ::getrlimit(RLIMIT_NOFILE, &limit);
    return static_cast<std::size_t>(std::max(limit.rlim_cur, others + 1) - others);
}

}  // namespace

Agent::Agent(int socket, Fd signals) : places_(places()), listening_(socket), signals_(std::move(signals)) {}

void Agent::serve() {
    while (!(had_members_ && members() == 0)) {
        auto events = interests();
        const int happened = ::poll(events.data(), events.size(), milliseconds_to_wait());
        if ((happened == 0 && !had_members_) || ended_by_signal(events[1])) {
            return;
        }
        all_have_come_ = all_have_come_ || happened == 0;
        // The peers first: accepting changes their places in the list.
        for (std::size_t i = 2; i < events.size(); ++i) {
            if (events[i].revents != 0) {
                hear(peers_[i - 2]);
            }
        }
        forget_those_gone();
        if ((events[0].revents & POLLIN) != 0) {
            welcome_newcomers();
        }
        find_somebody_to_prepare();
        tell_those_ready();
        forget_those_gone();  // who could not be told: no event is to come of those
        if (!tell_holder()) {
            return;
        }
    }
}

std::vector<pollfd> Agent::interests() const {
    std::vector<pollfd> events{{is_full_ ? -1 : listening_, POLLIN, 0}, {signals_.get(), POLLIN, 0}};
    for (const auto& peer : peers_) {
        events.push_back({peer.socket.get(), POLLIN, 0});
    }
    return events;
}

int Agent::milliseconds_to_wait() const {
    constexpr int between_two = 50;  // milliseconds, in which a launcher that still starts ranks starts one
    return !had_members_ ? patience : is_open() ? -1 : between_two;
}

std::size_t Agent::members() const {
    return static_cast<std::size_t>(std::count_if(
        peers_.begin(), peers_.end(), [](const Peer& peer) { return peer.stage != Stage::connected; }));
}

bool Agent::ended_by_signal(const pollfd& event) const {
    signalfd_siginfo info{};
    bool asked = false;
    while (event.revents != 0 && ::read(signals_.get(), &info, sizeof info) == sizeof info) {
        asked = asked || (info.ssi_signo != SIGCHLD && may_end_us(info));
    }
    while (::waitpid(-1, nullptr, WNOHANG) > 0) {
    }
    return asked;
}

void Agent::forget_those_gone() {
    is_full_ = std::erase_if(peers_, [](const Peer& peer) { return !peer.socket; }) == 0 && is_full_;
}

bool Agent::make_room() {
    for (auto& peer : peers_) {
        if (peer.stage == Stage::connected) {
            hear(peer);
        }
        if (!peer.socket) {
            forget_those_gone();
            return true;
        }
    }
    return false;
}

void Agent::welcome_newcomers() {
    constexpr int most = 4096;  // as many as can wait (somaxconn)
    for (int i = 0; i < most; ++i) {
        Fd socket(::accept4(listening_, nullptr, nullptr, SOCK_CLOEXEC | SOCK_NONBLOCK));
        if (!socket && errno != ECONNABORTED) {
            is_full_ = errno == EMFILE;
            if (errno != EAGAIN && !is_full_) {
                constexpr int a_moment = 10;  // milliseconds: what the node lacks comes back by itself
                ::poll(nullptr, 0, a_moment);
            }
            return;
        }
        ucred peer{};
        socklen_t size = sizeof peer;
        // Only the user whose container this is: the socket's directory says so too, but twice holds
        // better.
        if (::getsockopt(socket.get(), SOL_SOCKET, SO_PEERCRED, &peer, &size) != 0) {
            continue;
        }
        if (peer.uid != ::getuid()) {
            send_frame(socket.get(), {Say::stranger});
        } else if (peers_.size() >= places_ && !make_room()) {
            send_frame(socket.get(), {Say::full, static_cast<std::uint32_t>(places_)});
        } else {
            peers_.push_back({std::move(socket)});
        }
    }
}

void Agent::hear(Peer& peer) {
    auto received = receive_frame(peer.socket.get());
    if (received.say == Say::hello && peer.stage == Stage::connected) {
        peer.stage = Stage::waiting;
        had_members_ = true;
        awaited_ = std::max(awaited_, received.number);
        peer.begins_with_others = received.number > 0;
        come_ += peer.begins_with_others ? 1 : 0;
    } else if (received.say == Say::hold && (peer.stage == Stage::connected || peer.stage == Stage::holder)) {
        peer.stage = Stage::holder;
        had_members_ = true;
        asked_ = true;
    } else if (received.say == Say::prepared && peer.stage == Stage::preparing && received.fd) {
        description_ = std::move(received.fd);
        peer.stage = Stage::member;
    } else {
        if (received.say == Say::refused) {
            send_frame(peer.socket.get(), {Say::refused});
        }
        peer.socket.reset();
    }
}

bool Agent::is_open() const { return all_have_come_ || come_ >= awaited_; }

void Agent::tell_those_ready() {
    for (auto& peer : peers_) {
        const bool may_begin = is_open() || !peer.begins_with_others;
        if (description_ && may_begin && peer.stage == Stage::waiting) {
            // Where too many fds of this user are under way, say, it would wait for ever.
            if (!send_frame(peer.socket.get(), {Say::ready}, description_.get())) {
                peer.socket.reset();
            }
            peer.stage = Stage::member;
        }
    }
}

void Agent::find_somebody_to_prepare() {
    const auto prepares = [](const Peer& peer) { return peer.stage == Stage::preparing; };
    if (description_ || std::any_of(peers_.begin(), peers_.end(), prepares)) {
        return;
    }
    for (auto& peer : peers_) {
        if (peer.stage == Stage::waiting) {
            if (send_frame(peer.socket.get(), {Say::prepare})) {
                peer.stage = Stage::preparing;
                return;
            }
            peer.socket.reset();  // it died while podman started this process
        }
    }
}

bool Agent::tell_holder() {
    const auto holds = [](const Peer& peer) { return peer.stage == Stage::holder; };
    const auto holder = std::find_if(peers_.begin(), peers_.end(), holds);
    const bool idle = std::all_of(peers_.begin(), peers_.end(), holds);
    if (holder == peers_.end() || (idle && !asked_ && !was_busy_)) {
        return true;
    }
    was_busy_ = !idle;
    const bool asked = std::exchange(asked_, false);
    if (!idle) {
        if (asked) {
            send_frame(holder->socket.get(), {Say::busy});
        }
        return true;
    }
    if (!end_all_processes()) {
        return false;
    }
    come_ = awaited_ = 0;
    all_have_come_ = false;
    send_frame(holder->socket.get(), {asked ? Say::vacant : Say::idle}, description_.get());
    return true;
}

}  // namespace mpi_podman
