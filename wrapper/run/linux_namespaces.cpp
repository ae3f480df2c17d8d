#include "run/linux_namespaces.hpp"

#include <sched.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <string>

namespace mpi_podman {
namespace {

struct LinuxNamespace {
    const char* name;  ///< in /proc/PID/ns
    int flag;
};

constexpr std::array linux_namespaces{
    LinuxNamespace{"user", CLONE_NEWUSER}, LinuxNamespace{"mnt", CLONE_NEWNS},
    LinuxNamespace{"pid", CLONE_NEWPID},   LinuxNamespace{"cgroup", CLONE_NEWCGROUP},
    LinuxNamespace{"net", CLONE_NEWNET},   LinuxNamespace{"ipc", CLONE_NEWIPC},
    LinuxNamespace{"uts", CLONE_NEWUTS}};

/// As "mnt:[4026531841]" (namespaces(7)), or empty where it cannot be read. The kernel makes an inode for
/// whoever follows the link, which costs a rank a twentieth of its start.
std::string identity_of(const std::string& process, const char* name) {
    std::array<char, 64> text{};
    const ssize_t size = ::readlink(("/proc/" + process + "/ns/" + name).c_str(), text.data(), text.size());
    return {text.data(), static_cast<std::size_t>(std::max<ssize_t>(size, 0))};
}

}  // namespace

int namespaces_to_enter(pid_t process, int kinds) {
    int flags = 0;
    for (const auto& [name, flag] : linux_namespaces) {
        if ((flag & kinds) == 0) {
            continue;
        }
        const auto ours = identity_of("self", name);
        const auto theirs = identity_of(std::to_string(process), name);
        flags |= !ours.empty() && !theirs.empty() && ours != theirs ? flag : 0;
    }
    return flags;
}

Namespaces namespaces_of(pid_t agent, pid_t conmon) {
    return {namespaces_to_enter(agent), namespaces_to_enter(conmon, CLONE_NEWUSER | CLONE_NEWNS)};
}

}  // namespace mpi_podman
