#include "run/guard.hpp"

#include <unistd.h>

#include <csignal>
#include <cstdint>

#include "run/container.hpp"
#include "run/orphans.hpp"
#include "run/signals.hpp"
#include "sys/process.hpp"

namespace mpi_podman {
namespace {

using namespace std::chrono_literals;

enum class Word : std::int32_t { podman, rank, dismissed };

/// What the wrapper writes: small enough for one atomic write(2) to a pipe.
struct Order {
    Word word;
    pid_t pid;
};

/// What the guard knows of the processes it may have to end.
struct Watched {
    Fd podman;
    Container container;
    bool dismissed = false;
};

/// Reads orders until the wrapper ends or dismisses the guard.
Watched listen(const Fd& orders) {
    Watched watched;
    Order order{};
    while (!watched.dismissed) {
        if (read_some(orders.get(), &order, sizeof order) != static_cast<ssize_t>(sizeof order)) {
            break;
        }
        switch (order.word) {
            case Word::podman: watched.podman = pidfd_of(order.pid); break;
            case Word::rank: watched.container = Container::of_rank(order.pid); break;
            case Word::dismissed: watched.dismissed = true; break;
        }
    }
    return watched;
}

void clean_up(const Watched& watched, const std::string& podman, const std::string& container) {
    if (!watched.podman) {
        return;  // there was no container yet
    }
    if (!watched.container) {
        signal_pidfd(watched.podman, SIGTERM);
    }
    watched.container.kill_all();
    if (!ended_within(watched.podman, 2s)) {
        end_podman(watched.podman);
    }
    remove_container(podman, container);
    watched.container.kill_all();
}

void stand_guard(const Fd& orders, const std::string& podman, const std::string& container) {
    block_signals();
    const Watched watched = listen(orders);
    if (!watched.dismissed) {
        clean_up(watched, podman, container);
    }
}

}  // namespace

Result<Guard> Guard::post(const std::string& podman, const std::string& container) {
    auto orders = make_pipe();
    if (!orders) {
        return failure(orders.error());
    }
    const auto posted = fork_apart("rank-guard", [&] { stand_guard(orders->read_end, podman, container); },
                                   {orders->read_end.get()});
    static_cast<void>(::signal(SIGPIPE, SIG_IGN));  // a guard may be killed before it is told anything
    return posted ? Result<Guard>(Guard(std::move(orders->write_end))) : failure(posted.error());
}

void Guard::tell_podman() const {
    const Order order{Word::podman, ::getpid()};
    [[maybe_unused]] const ssize_t put = ::write(orders_.get(), &order, sizeof order);
}

void Guard::tell_rank(pid_t rank) const {
    const Order order{Word::rank, rank};
    [[maybe_unused]] const ssize_t put = ::write(orders_.get(), &order, sizeof order);
}

void Guard::dismiss() {
    const Order order{Word::dismissed, 0};
    [[maybe_unused]] const ssize_t put = ::write(orders_.get(), &order, sizeof order);
    orders_.reset();
}

}  // namespace mpi_podman
