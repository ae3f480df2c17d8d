#include "run/first_socket.hpp"

#include <algorithm>
#include <filesystem>
#include <iterator>
#include <sstream>
#include <vector>

#include "sys/fd.hpp"

namespace mpi_podman {
namespace {

namespace fs = std::filesystem;

/// "socket:[INODE]" of each.
std::set<std::string> sockets_of(const std::string& pid) {
    std::set<std::string> sockets;
    std::error_code why;
    for (auto at = fs::directory_iterator("/proc/" + pid + "/fd", why);
         !why && at != fs::directory_iterator(); at.increment(why)) {
        std::error_code gone;
        const auto target = fs::read_symlink(at->path(), gone).string();
        if (target.starts_with("socket:")) {
            sockets.insert(target);
        }
    }
    return sockets;
}

std::vector<std::string> children_of(const std::string& pid) {
    std::istringstream words(read_file("/proc/" + pid + "/task/" + pid + "/children").value_or(""));
    return {std::istream_iterator<std::string>(words), {}};
}

}  // namespace

FirstSocket::FirstSocket(pid_t keeper) : keeper_(keeper), inherited_(sockets_of("self")) {}

bool FirstSocket::is_there() const {
    auto processes = children_of(std::to_string(keeper_));
    constexpr std::size_t enough = 64;  // a rank that starts more talks through the first of them
    for (std::size_t i = 0; i < processes.size() && i < enough; ++i) {
        const auto pid = processes[i];
        const auto sockets = sockets_of(pid);
        if (!std::ranges::includes(inherited_, sockets)) {
            return true;
        }
        const auto children = children_of(pid);
        processes.insert(processes.end(), children.begin(), children.end());
    }
    return false;
}

}  // namespace mpi_podman
