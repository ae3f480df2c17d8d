#include "pmi/client.hpp"

#include <netdb.h>
#include <poll.h>
#include <sys/socket.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <memory>

namespace mpi_podman::pmi {
namespace {

using Clock = std::chrono::steady_clock;

tl::unexpected<Error> broken(const std::string& what) {
    return failure(Status::ours, "the launcher's PMI server " + what, "has the launcher ended?");
}

tl::unexpected<Error> silent() { return broken("does not answer"); }

/// Waits for these events of poll(2). False where none came before the deadline.
bool comes_before(Clock::time_point deadline, int fd, short events) {
    while (true) {
        const auto left = std::chrono::ceil<std::chrono::milliseconds>(deadline - Clock::now());
        pollfd awaited{fd, events, 0};
        const int ready = ::poll(&awaited, 1, static_cast<int>(std::max<std::int64_t>(left.count(), 0)));
        if (ready >= 0 || errno != EINTR) {
            return ready != 0;  // an error is the next call's to find
        }
    }
}

/// connect(2) of a socket that does not block. False, with errno, where it cannot be: ETIMEDOUT where nobody
/// answered.
bool connect_before(Clock::time_point deadline, const Fd& socket, const addrinfo& to) {
    if (::connect(socket.get(), to.ai_addr, to.ai_addrlen) == 0) {
        return true;
    }
    if (errno != EINPROGRESS) {
        return false;
    }
    int why = ETIMEDOUT;
    socklen_t size = sizeof why;
    if (comes_before(deadline, socket.get(), POLLOUT)) {
        ::getsockopt(socket.get(), SOL_SOCKET, SO_ERROR, &why, &size);
    }
    errno = why;
    return why == 0;
}

Result<std::string> value_of(const Message& answer, std::string_view name) {
    const auto value = answer.get(name);
    return value.empty() ? Result<std::string>(broken("answered without a " + std::string(name)))
                         : Result<std::string>(std::string(value));
}

/// A socket that does not block; empty, with errno, where it cannot be had in time.
Fd connect_to(const std::string& host, const std::string& port, std::chrono::milliseconds patience) {
    addrinfo hints{};
    hints.ai_socktype = SOCK_STREAM;
    addrinfo* found = nullptr;
    if (::getaddrinfo(host.c_str(), port.c_str(), &hints, &found) != 0) {
        errno = EHOSTUNREACH;  // it has errors of its own
        return {};
    }
    const std::unique_ptr<addrinfo, decltype(&::freeaddrinfo)> owner(found, &::freeaddrinfo);
    const auto deadline = Clock::now() + patience;
    for (const auto* each = found; each != nullptr; each = each->ai_next) {
        constexpr int flags = SOCK_CLOEXEC | SOCK_NONBLOCK;
        Fd socket(::socket(each->ai_family, each->ai_socktype | flags, each->ai_protocol));
        if (socket && connect_before(deadline, socket, *each)) {
            return socket;
        }
    }
    return {};
}

}  // namespace

Result<Client> Client::connect(const std::string& port, const std::string& id,
                               std::chrono::milliseconds patience) {
    const auto colon = port.rfind(':');
    if (colon == std::string::npos) {
        return failure(Status::ours, "PMI_PORT is no HOST:PORT: " + port,
                       "start mpi-podman from the launcher");
    }
    Fd socket = connect_to(port.substr(0, colon), port.substr(colon + 1), patience);
    if (!socket) {
        return broken("does not answer at " + port + ": " + errno_text());
    }
    Client client(std::move(socket), patience);
    return client.ask(Message{"initack", {}}.with("pmiid", id), "initack")
        .and_then([&](const Message&) -> Result<Client> {
            // It goes on with size, rank and debug, a line each.
            for (int line = 0; line < 3; ++line) {
                auto told = client.receive("set");
                if (!told) {
                    return failure(told.error());
                }
                if (const auto size = told->find("size")) {
                    client.told_size_ = number_of<std::uint32_t>(*size);
                }
            }
            return std::move(client);
        });
}

Result<void> Client::send(const Message& request) {
    const auto deadline = Clock::now() + patience_;
    const auto line = encode(request, Dialect::pmi1);
    for (std::string_view rest = line; !rest.empty();) {
        // No SIGPIPE: a launcher that hung up is an answer.
        const auto count = ::send(socket_.get(), rest.data(), rest.size(), MSG_NOSIGNAL | MSG_DONTWAIT);
        if (count < 0 && errno != EINTR && errno != EAGAIN) {
            return broken("hung up: " + errno_text());
        }
        if (count < 0 && !comes_before(deadline, socket_.get(), POLLOUT)) {
            return silent();
        }
        rest.remove_prefix(static_cast<std::size_t>(std::max<ssize_t>(count, 0)));
    }
    return {};
}

Result<Message> Client::receive(std::string_view answer) {
    const auto deadline = Clock::now() + patience_;
    while (true) {
        if (auto message = reader_.next()) {
            const auto rc = message->find("rc");
            if (message->command != answer) {
                return broken("answered '" + message->command + "' in place of '" + std::string(answer) +
                              "'");
            }
            if (rc && *rc != "0") {
                return broken("refused a request: " + std::string(message->get("msg")));
            }
            return std::move(*message);
        }
        if (reader_.is_lost()) {
            return broken("does not speak PMI-1");
        }
        if (!comes_before(deadline, socket_.get(), POLLIN)) {
            return silent();
        }
        std::array<char, 4096> bytes{};
        const auto count = ::read(socket_.get(), bytes.data(), bytes.size());
        if (count == 0 || (count < 0 && errno != EINTR && errno != EAGAIN)) {
            return broken("hung up");
        }
        reader_.add({bytes.data(), static_cast<std::size_t>(std::max<ssize_t>(count, 0))});
    }
}

Result<Message> Client::ask(const Message& request, std::string_view answer) {
    return send(request).and_then([&] { return receive(answer); });
}

Result<void> Client::init() {
    return ask(Message{"init", {}}.with("pmi_version", "1").with("pmi_subversion", "1"), "response_to_init")
        .map([](const Message&) {});
}

Result<std::string> Client::kvsname() {
    return ask({"get_my_kvsname", {}}, "my_kvsname").and_then([](const Message& answer) {
        return value_of(answer, "kvsname");
    });
}

Result<std::size_t> Client::longest_value() {
    return ask({"get_maxes", {}}, "maxes").and_then([](const Message& answer) -> Result<std::size_t> {
        const auto length = number_of<std::size_t>(answer.get("vallen_max"));
        constexpr std::size_t least = 64;
        if (length < least) {
            return broken("takes no values longer than " + std::to_string(length));
        }
        return length;
    });
}

std::uint32_t Client::universe_size(std::uint32_t ranks) {
    std::uint32_t size = 0;
    if (const auto answer = ask({"get_universe_size", {}}, "universe_size")) {
        size = number_of<std::uint32_t>(answer->get("size"));
    }
    return std::max(size, ranks);
}

Result<void> Client::put(const std::string& kvsname, const std::string& key, const std::string& value) {
    return ask(Message{"put", {}}.with("kvsname", kvsname).with("key", key).with("value", value),
               "put_result")
        .map([](const Message&) {});
}

Result<std::string> Client::get(const std::string& kvsname, const std::string& key) {
    return ask(Message{"get", {}}.with("kvsname", kvsname).with("key", key), "get_result")
        .and_then([](const Message& answer) { return value_of(answer, "value"); });
}

Result<void> Client::enter_barrier() { return send({"barrier_in", {}}); }

Result<void> Client::leave_barrier() {
    return receive("barrier_out").map([](const Message&) {});
}

Result<void> Client::finalize() {
    return ask({"finalize", {}}, "finalize_ack").map([](const Message&) {});
}

void Client::abort(int status) {
    static_cast<void>(send(Message{"abort", {}}.with("exitcode", std::to_string(status))));
}

}  // namespace mpi_podman::pmi
