/// The agent: the first process of a node container. It holds the container open for the ranks, which enter
/// by themselves (wrapper/join), hands the container's description from the first of them to the others,
/// reaps what they leave, and ends with the last: then the kernel ends everything that is still in its pid
/// linux namespace. Where a container-keeper holds it for the next job, it ends all other processes itself.
/// Started by a rank-keeper's child it becomes that rank (wire/execute).
///
/// Static, without libraries: it must start in any image. Fd 3 is the socket the ranks connect to.

#include <fcntl.h>
#include <poll.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/signalfd.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <csignal>
#include <span>
#include <string_view>
#include <utility>
#include <vector>

#include "sys/fd.hpp"
#include "wire/execute.hpp"
#include "wire/frame.hpp"

namespace mpi_podman {
namespace {

constexpr int listening = 3;      // podman's first preserved fd
constexpr int patience = 60'000;  // milliseconds for the first rank to come; then it never will

/// A holder is a container-keeper, which keeps the container for the next job; all others are ranks.
enum class Stage { connected, waiting, preparing, member, holder };

struct Peer {
    Fd socket;
    Stage stage = Stage::connected;
    bool begins_with_others = false;
};

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

class Agent {
public:
    explicit Agent(Fd signals) : signals_(std::move(signals)) {}

    /// Serves until the last rank is gone.
    void serve() {
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
            if (!tell_holder()) {
                return;
            }
        }
    }

private:
    [[nodiscard]] std::vector<pollfd> interests() const {
        std::vector<pollfd> events{{is_full_ ? -1 : listening, POLLIN, 0}, {signals_.get(), POLLIN, 0}};
        for (const auto& peer : peers_) {
            events.push_back({peer.socket.get(), POLLIN, 0});
        }
        return events;
    }

    [[nodiscard]] int milliseconds_to_wait() const {
        constexpr int between_two =
            50;  // milliseconds, in which a launcher that still starts ranks starts one
        return !had_members_ ? patience : is_open() ? -1 : between_two;
    }

    [[nodiscard]] std::size_t members() const {
        return static_cast<std::size_t>(std::count_if(
            peers_.begin(), peers_.end(), [](const Peer& peer) { return peer.stage != Stage::connected; }));
    }

    /// Reaps every process whose parent is gone. True where somebody wants the container to end.
    bool ended_by_signal(const pollfd& event) const {
        signalfd_siginfo info{};
        bool asked = false;
        while (event.revents != 0 && ::read(signals_.get(), &info, sizeof info) == sizeof info) {
            asked = asked || (info.ssi_signo != SIGCHLD && may_end_us(info));
        }
        while (::waitpid(-1, nullptr, WNOHANG) > 0) {
        }
        return asked;
    }

    void forget_those_gone() {
        is_full_ = std::erase_if(peers_, [](const Peer& peer) { return !peer.socket; }) == 0 && is_full_;
    }

    /// Ends the connection of somebody who has not said yet what it wants, as a wrapper does at once.
    bool make_room() {
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

    /// All that are waiting, not one a turn: late ranks must not wait for early ones. But not for ever.
    void welcome_newcomers() {
        constexpr int most = 4096;  // as many as can wait (somaxconn)
        for (int i = 0; i < most; ++i) {
            Fd socket(::accept4(listening, nullptr, nullptr, SOCK_CLOEXEC | SOCK_NONBLOCK));
            if (!socket && errno != ECONNABORTED) {
                is_full_ = errno != EAGAIN;
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

    void hear(Peer& peer) {
        auto received = receive_frame(peer.socket.get());
        if (received.say == Say::hello && peer.stage == Stage::connected) {
            peer.stage = Stage::waiting;
            had_members_ = true;
            awaited_ = std::max(awaited_, received.number);
            peer.begins_with_others = received.number > 0;
            come_ += peer.begins_with_others ? 1 : 0;
        } else if (received.say == Say::hold &&
                   (peer.stage == Stage::connected || peer.stage == Stage::holder)) {
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

    /// Whether ranks may begin. Where there are more than cores, one that has begun takes the core from the
    /// launcher, which still starts the others; so they begin together.
    [[nodiscard]] bool is_open() const { return all_have_come_ || come_ >= awaited_; }

    void tell_those_ready() {
        for (auto& peer : peers_) {
            const bool may_begin = is_open() || !peer.begins_with_others;
            if (description_ && may_begin && peer.stage == Stage::waiting) {
                send_frame(peer.socket.get(), {Say::ready}, description_.get());
                peer.stage = Stage::member;
            }
        }
    }

    /// The first rank describes the container; should it die over that, the next does.
    void find_somebody_to_prepare() {
        const auto is = [](Stage stage) { return [stage](const Peer& peer) { return peer.stage == stage; }; };
        if (description_ || std::any_of(peers_.begin(), peers_.end(), is(Stage::preparing))) {
            return;
        }
        const auto next = std::find_if(peers_.begin(), peers_.end(), is(Stage::waiting));
        if (next != peers_.end()) {
            next->stage = Stage::preparing;
            send_frame(next->socket.get(), {Say::prepare});
        }
    }

    /// Says so when the last rank has gone, once, and whenever the holder asks. False where the container
    /// must not be kept: something in it cannot be ended.
    bool tell_holder() {
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

    const std::size_t places_ = places();
    Fd signals_;
    Fd description_;
    std::vector<Peer> peers_;
    bool had_members_ = false;
    std::uint32_t awaited_ = 0,
                  come_ = 0;      ///< of this job: ranks that are to begin together, and that are here
    bool all_have_come_ = false;  ///< no more come
    bool asked_ = false;          ///< by the holder, and not answered yet
    bool was_busy_ = false;       ///< since the holder was last told
    bool is_full_ = false;        ///< nobody can be let in until somebody has gone
};

/// Whether a wrapper's socket is there: else it is the image that starts this program.
bool is_started_by_wrapper() {
    int listens = 0;
    socklen_t size = sizeof listens;
    return ::getsockopt(listening, SOL_SOCKET, SO_ACCEPTCONN, &listens, &size) == 0 && listens == 1;
}

}  // namespace
}  // namespace mpi_podman

int main(int argc, char** argv) {
    constexpr int fewest = 4;
    if (argc >= fewest && std::string_view(argv[0]) == mpi_podman::become_rank_word) {
        mpi_podman::become_rank({argv + 1, static_cast<std::size_t>(argc) - 1});
    }
    if (!mpi_podman::is_started_by_wrapper()) {
        mpi_podman::write_all(STDERR_FILENO, "mpi-podman: the agent is started by mpi-podman\n");
        return static_cast<int>(mpi_podman::Status::usage);
    }
    // The ranks run as the same user in the same namespaces: none may look into the agent or stop it
    // (ptrace(2)).
    ::prctl(PR_SET_DUMPABLE, 0);
    // The programs that handed it on set it to blocking (Go's os.File.Fd does).
    ::fcntl(mpi_podman::listening, F_SETFL, O_NONBLOCK);
    mpi_podman::raise_limit_of_files();  // each rank takes one here; podman gave it the first rank's
    mpi_podman::Agent agent(mpi_podman::open_signalfd({SIGCHLD, SIGTERM, SIGINT, SIGHUP, SIGQUIT}));
    agent.serve();
    return 0;
}
