#include "wire/local_socket.hpp"

#include <fcntl.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <unistd.h>

#include <cerrno>

namespace mpi_podman {
namespace {

/// A socket's path may have 107 bytes (unix(7)); through a directory's fd the length of that does not matter.
class SocketAddress {
public:
    SocketAddress(const std::string& directory, const std::string& name)
        : directory_(::open(directory.c_str(), O_PATH | O_DIRECTORY | O_CLOEXEC)) {
        const auto path = "/proc/self/fd/" + std::to_string(directory_.get()) + "/" + name;
        address_.sun_family = AF_UNIX;
        path.copy(address_.sun_path, sizeof address_.sun_path - 1);
    }
    /// Whether the directory could be opened; else there is no address, and errno says why.
    explicit operator bool() const { return static_cast<bool>(directory_); }
    [[nodiscard]] const sockaddr* get() const {
        // NOLINTNEXTLINE(cppcoreguidelines-pro-type-reinterpret-cast): connect(2)
        return reinterpret_cast<const sockaddr*>(&address_);
    }
    [[nodiscard]] static socklen_t size() { return sizeof(sockaddr_un); }

private:
    Fd directory_;
    sockaddr_un address_{};
};

Fd new_socket(int flags) { return Fd(::socket(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC | flags, 0)); }

}  // namespace

Fd connect_in(const std::string& directory, const std::string& name) {
    const SocketAddress address(directory, name);
    auto connection = address ? new_socket(0) : Fd{};
    const int on = 1;
    if (!connection || ::setsockopt(connection.get(), SOL_SOCKET, SO_PASSCRED, &on, sizeof on) != 0 ||
        ::connect(connection.get(), address.get(), SocketAddress::size()) != 0) {
        return {};
    }
    return connection;
}

bool nobody_listens() noexcept { return errno == ENOENT || errno == ECONNREFUSED; }

Fd listen_in(const std::string& directory, const std::string& name) {
    const SocketAddress address(directory, name);
    auto socket = address ? new_socket(SOCK_NONBLOCK) : Fd{};
    if (!socket) {
        return {};  // and leaves what is there: nothing could take its place
    }
    ::unlink((directory + "/" + name).c_str());
    // bind(2) gives the file the socket's mode, less the umask.
    const bool bound = ::fchmod(socket.get(), S_IRUSR | S_IWUSR) == 0 &&
                       ::bind(socket.get(), address.get(), SocketAddress::size()) == 0;
    return bound && ::listen(socket.get(), SOMAXCONN) == 0 ? std::move(socket) : Fd{};
}

}  // namespace mpi_podman
