#include "pmi/client.hpp"

#include <netdb.h>
#include <poll.h>
#include <sys/socket.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <charconv>
#include <memory>

namespace mpi_podman::pmi {
namespace {

constexpr int patience = 60'000;  // milliseconds for an answer; one of this node takes microseconds

tl::unexpected<Error> broken(const std::string& what) {
    return failure(Status::ours, "the launcher's PMI server " + what, "has the launcher ended?");
}

/// 0 where it is none.
std::uint32_t number_of(std::string_view text) {
    std::uint32_t number = 0;
    std::from_chars(text.data(), text.data() + text.size(), number);
    return number;
}

Result<std::string> value_of(const Message& answer, std::string_view name) {
    const auto value = answer.get(name);
    return value.empty() ? Result<std::string>(broken("answered without a " + std::string(name)))
                         : Result<std::string>(std::string(value));
}

Fd connect_to(const std::string& host, const std::string& port) {
    addrinfo hints{};
    hints.ai_socktype = SOCK_STREAM;
    addrinfo* found = nullptr;
    if (::getaddrinfo(host.c_str(), port.c_str(), &hints, &found) != 0) {
        errno = EHOSTUNREACH;  // it has errors of its own
        return {};
    }
    const std::unique_ptr<addrinfo, decltype(&::freeaddrinfo)> owner(found, &::freeaddrinfo);
    for (const auto* each = found; each != nullptr; each = each->ai_next) {
        Fd socket(::socket(each->ai_family, each->ai_socktype | SOCK_CLOEXEC, each->ai_protocol));
        if (socket && ::connect(socket.get(), each->ai_addr, each->ai_addrlen) == 0) {
            return socket;
        }
    }
    return {};
}

}  // namespace

Result<Client> Client::connect(const std::string& port, const std::string& id) {
    const auto colon = port.rfind(':');
    if (colon == std::string::npos) {
        return failure(Status::ours, "PMI_PORT is no HOST:PORT: " + port,
                       "start mpi-podman from the launcher");
    }
    Fd socket = connect_to(port.substr(0, colon), port.substr(colon + 1));
    if (!socket) {
        return broken("does not answer at " + port + ": " + errno_text());
    }
    Client client(std::move(socket));
    return client.ask(Message{"initack", {}}.with("pmiid", id), "initack")
        .and_then([&](const Message&) -> Result<Client> {
            // It goes on with size, rank and debug, a line each.
            for (int line = 0; line < 3; ++line) {
                auto told = client.receive("set");
                if (!told) {
                    return failure(told.error());
                }
                if (const auto size = told->find("size")) {
                    client.told_size_ = number_of(*size);
                }
            }
            return std::move(client);
        });
}

Result<void> Client::send(const Message& request) {
    const auto line = encode(request, Dialect::pmi1);
    for (std::string_view rest = line; !rest.empty();) {
        // No SIGPIPE: a launcher that hung up is an answer.
        const auto count = ::send(socket_.get(), rest.data(), rest.size(), MSG_NOSIGNAL);
        if (count < 0 && errno != EINTR) {
            return broken("hung up: " + errno_text());
        }
        rest.remove_prefix(static_cast<std::size_t>(std::max<ssize_t>(count, 0)));
    }
    return {};
}

Result<Message> Client::receive(std::string_view answer) {
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
        pollfd readable{socket_.get(), POLLIN, 0};
        const int ready = ::poll(&readable, 1, patience);
        if (ready == 0) {
            return broken("does not answer");
        }
        std::array<char, 4096> bytes{};
        const auto count = ready < 0 ? ready : ::read(socket_.get(), bytes.data(), bytes.size());
        if (count == 0 || (count < 0 && errno != EINTR)) {
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
        const std::size_t length = number_of(answer.get("vallen_max"));
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
        size = number_of(answer->get("size"));
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
