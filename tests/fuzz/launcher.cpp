/// A launcher that answers anything, and hangs up.
#include <sys/socket.h>
#include <unistd.h>

#include <array>

#include "fuzz/require.hpp"
#include "pmi/client.hpp"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* bytes, std::size_t size) {
    using namespace mpi_podman;
    std::array<int, 2> ends{-1, -1};
    fuzz::require(::socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, ends.data()) == 0, "socketpair");
    const Fd launcher(ends[0]);
    pmi::Client client{Fd(ends[1])};
    // More than fits into the socket is not sent: nobody reads meanwhile.
    static_cast<void>(::send(launcher.get(), bytes, size, MSG_DONTWAIT | MSG_NOSIGNAL));
    ::shutdown(launcher.get(), SHUT_WR);
    static_cast<void>(client.init());
    const auto name = client.kvsname();
    fuzz::require(!name || !name->empty(), "a name is one");
    const auto longest = client.longest_value();
    fuzz::require(!longest || *longest >= 64, "there is room for a value");
    fuzz::require(client.universe_size(7) >= 7, "a universe holds the job");
    static_cast<void>(client.put("kvs", "key", "value"));
    const auto value = client.get("kvs", "key");
    fuzz::require(!value || !value->empty(), "a value is one");
    static_cast<void>(client.enter_barrier().and_then([&] { return client.leave_barrier(); }));
    static_cast<void>(client.finalize());
    client.abort(1);
    return 0;
}
