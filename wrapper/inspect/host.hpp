/// Facts about this process and this host: the only place besides image.hpp and node.hpp that looks.
#pragma once

#include <sys/types.h>

#include <cstdint>
#include <optional>
#include <set>
#include <string>
#include <vector>

#include "abi/host_mounts.hpp"
#include "inspect/devices.hpp"
#include "sys/result.hpp"

namespace mpi_podman {

/// What an inherited fd leads to, as far as it matters to podman.
enum class Stream : std::uint8_t { closed, null, terminal, other };

/// A resource limit of this process (getrlimit(2)); podman names it as in ulimit.
struct Limit {
    std::string name;
    std::string soft, hard;  ///< numbers, or "-1" for none
    bool operator==(const Limit&) const = default;
};

struct HostFacts {
    uid_t uid = 0;
    pid_t pid = 0;       ///< of this wrapper
    pid_t launcher = 0;  ///< starter(), for the caller to say
    mode_t umask = 022;
    std::string hostname;
    std::string cwd;  ///< physical and absolute
    /// What the user calls it, where that is another path, through symbolic links: $PWD, or below $HOME.
    std::string cwd_by_name = {};
    Stream in = Stream::other, out = Stream::other;
    bool supplementary_groups = false;  ///< more groups than the primary one
    bool selinux = false;
    std::uint32_t cores = 1;                             ///< of the node, however few this rank is bound to
    std::optional<std::uint64_t> kills_for_memory = {};  ///< before this process started; see below
    std::vector<Limit> limits;      ///< those podman would raise by itself: nofile, nproc
    Limit locked_memory;            ///< memlock, which podman leaves as it is
    std::set<std::string> present;  ///< of the paths asked for: those that exist here
    /// What a container sees of the host's MPI (look_for_host_mpi), for the caller to say.
    std::vector<HostMount> mpi_mounts;
    std::optional<NodeDevices> devices = {};  ///< where somebody has looked: who starts a container
    bool operator==(const HostFacts&) const = default;
};

/// Looks. `ask` are paths whose existence decides something. Fails where the current directory is gone.
Result<HostFacts> host_facts(const std::vector<std::string>& ask);

/// That of open files; empty where the facts have none.
Limit limit_of_files(const HostFacts& facts);

/// How many processes of our cgroup the kernel has ended for lack of memory (cgroup-v2, memory.events:
/// oom_kill). Nothing where it does not tell: cgroup v1, or the root cgroup.
std::optional<std::uint64_t> kills_for_memory();

/// The process that started this one; -1 where that has died already and another took us over: the first
/// process of all, which is no launcher if its session is another (getsid(2)), or systemd as a subreaper
/// (prctl(2)).
pid_t starter();

}  // namespace mpi_podman
