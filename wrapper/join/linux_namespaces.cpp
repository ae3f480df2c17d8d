#include "join/linux_namespaces.hpp"

#include <sched.h>
#include <sys/stat.h>

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

}  // namespace

int namespaces_to_enter(pid_t process, int kinds) {
    int flags = 0;
    for (const auto& [name, flag] : linux_namespaces) {
        if ((flag & kinds) == 0) {
            continue;
        }
        struct stat ours {};
        struct stat theirs {};
        const auto theirs_path = "/proc/" + std::to_string(process) + "/ns/" + name;
        const bool known = ::stat((std::string("/proc/self/ns/") + name).c_str(), &ours) == 0 &&
                           ::stat(theirs_path.c_str(), &theirs) == 0;
        flags |= known && ours.st_ino != theirs.st_ino ? flag : 0;
    }
    return flags;
}

}  // namespace mpi_podman
