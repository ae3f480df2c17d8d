#include "run/container.hpp"

#include <fcntl.h>
#include <linux/nsfs.h>
#include <sys/ioctl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <chrono>
#include <csignal>
#include <optional>
#include <thread>
#include <vector>

#include "inspect/command.hpp"
#include "inspect/podman_runtime.hpp"
#include "run/conmon.hpp"
#include "run/orphans.hpp"
#include "sys/process.hpp"

namespace mpi_podman {
namespace {

using namespace std::chrono_literals;

std::string namespace_path(pid_t pid, const char* kind) {
    return "/proc/" + std::to_string(pid) + "/ns/" + kind;
}

std::string mount_namespace_path(pid_t pid) { return namespace_path(pid, "mnt"); }

Fd open_namespace(pid_t pid, const char* kind) {
    return Fd(::open(namespace_path(pid, kind).c_str(), O_RDONLY | O_CLOEXEC));
}

bool is_same_file(const struct stat& one, const struct stat& other) {
    return one.st_ino == other.st_ino && one.st_dev == other.st_dev;
}

/// Whether a process is in this mount namespace, or in a user namespace below that one, if it is any.
class Inside {
public:
    Inside(const Fd& mounts, const Fd& users)
        : known_(::fstat(mounts.get(), &mounts_) == 0), has_users_(::fstat(users.get(), &users_) == 0) {}

    [[nodiscard]] bool known() const { return known_; }
    [[nodiscard]] bool has(pid_t pid) const {
        struct stat info {};
        return (::stat(mount_namespace_path(pid).c_str(), &info) == 0 && is_same_file(info, mounts_)) ||
               (has_users_ && is_below_users(open_namespace(pid, "user")));
    }

private:
    /// ioctl_ns(2): as far up as this process may see.
    [[nodiscard]] bool is_below_users(Fd users) const {
        struct stat info {};
        while (users) {
            users = Fd(::ioctl(users.get(), NS_GET_PARENT));
            if (users && ::fstat(users.get(), &info) == 0 && is_same_file(info, users_)) {
                return true;
            }
        }
        return false;
    }

    struct stat mounts_ {};
    struct stat users_ {};
    bool known_, has_users_;
};

std::vector<pid_t> processes_in(const Inside& inside) {
    auto found = all_processes();
    std::erase_if(found, [&](pid_t pid) { return !inside.has(pid); });
    return found;
}

/// Kills one of them, unless the pid is another process's by now, and waits a moment for its end.
void kill_in(pid_t pid, const Inside& inside) {
    const Fd process = pidfd_of(pid);
    if (!process || !inside.has(pid)) {
        return;
    }
    signal_pidfd(process, SIGKILL);
    ended_within(process, 100ms);
}

bool shares_namespace(pid_t one, const std::string& other, const char* kind) {
    struct stat first {};
    struct stat second {};
    return ::stat(namespace_path(one, kind).c_str(), &first) != 0 || ::stat(other.c_str(), &second) != 0 ||
           is_same_file(first, second);
}

/// Of one that may have lost its runtime directory with a login session, as the job went on.
Result<Answer> ask_podman(const std::vector<std::string>& argv) {
    tell_podman_its_runtime_directory(::geteuid());
    return ask(argv, 30s);
}

/// A container's runtime and its id there, by podman; by conmon where podman does not know the container, as
/// it may have been killed before it noted it. Empty where neither does.
std::optional<std::pair<std::string, std::string>> runtime_and_id(const std::string& podman,
                                                                  const std::string& name, pid_t conmon) {
    const auto answer =
        ask_podman({podman, "container", "inspect", "--format={{.OCIRuntime}} {{.Id}}", name});
    const auto space = answer && answer->status == 0 ? answer->out.find(' ') : std::string::npos;
    if (space != std::string::npos) {
        return std::pair(answer->out.substr(0, space),
                         answer->out.substr(space + 1, answer->out.find('\n') - space - 1));
    }
    const auto id = conmon_option(conmon, "-c");
    return is_id(id) ? std::optional(std::pair(conmon_option(conmon, "-r"), id)) : std::nullopt;
}

/// Removes a container from the runtime's own list, where it stays if conmon or the runtime was killed.
/// `podman unshare` finds that list, as podman does.
void delete_at(const std::string& runtime, const std::string& podman, const std::string& id) {
    std::vector<std::string> command{runtime, "delete", "--force", id};
    if (::geteuid() != 0) {
        command.insert(command.begin(), {podman, "unshare"});
    }
    static_cast<void>(ask_podman(command));
}

Result<Answer> ask_whether_known(const std::string& podman, const std::string& name) {
    return ask_podman({podman, "container", "exists", name});
}

/// One attempt. True where podman knows it no longer; fails where podman cannot work.
Result<bool> forget_container(const std::string& podman, const std::string& name) {
    const auto removed =
        ask_podman({podman, "--log-level=error", "--cgroup-manager=cgroupfs", "--events-backend=none", "rm",
                    "--force", "--depend", "--ignore", "--time=0", name});
    const auto known = ask_whether_known(podman, name);
    if (known && known->status == 1) {
        return true;
    }
    return removed && known ? Result<bool>(false) : failure(removed ? known.error() : removed.error());
}

/// What runs in a container without a pid linux namespace of its own stays when its first process is killed.
/// conmon's other children are in podman's mount namespace, as it is, where all of podman's processes are.
bool kill_inside(pid_t conmon) {
    const auto podmans = mount_namespace_path(conmon);
    bool any = false;
    for (const auto pid : conmon > 0 ? all_processes() : std::vector<pid_t>{}) {
        if (proc_status(pid, "PPid") == std::to_string(conmon) && !shares_namespace(pid, podmans, "mnt")) {
            any = Container::of(pid).kill_all() || any;
        }
    }
    return any;
}

}  // namespace

Container Container::of(pid_t pid) {
    Container container;
    container.pid_ = pid;
    container.rank_ = pidfd_of(pid);
    container.mount_namespace_ = open_namespace(pid, "mnt");
    const bool apart = container.mount_namespace_ && !shares_namespace(pid, "/proc/self/ns/mnt", "mnt");
    return apart ? std::move(container) : Container{};
}

Container Container::of_rank(pid_t pid) {
    auto container = of(pid);
    const bool own = container && !shares_namespace(pid, "/proc/self/ns/user", "user") &&
                     !shares_namespace(pid, namespace_path(conmon_above(pid), "user"), "user");
    if (own) {
        container.user_namespace_ = open_namespace(pid, "user");
    }
    return container;
}

void Container::signal(int number) const noexcept {
    const bool stop = number == SIGTSTP && !catches(pid_, SIGTSTP);
    signal_pidfd(rank_, stop ? SIGSTOP : number);
}

bool Container::kill_all() const {
    const Inside inside(mount_namespace_, user_namespace_);
    if (!inside.known()) {
        return false;
    }
    bool any = false;
    constexpr std::chrono::seconds patience{5};
    const auto until = std::chrono::steady_clock::now() + patience;
    for (auto left = processes_in(inside); !left.empty() && std::chrono::steady_clock::now() < until;
         left = processes_in(inside)) {
        any = true;
        for (const auto pid : left) {
            kill_in(pid, inside);
        }
    }
    return any;
}

bool kill_all_in(const std::string& name) { return kill_inside(conmon_of(name)); }

bool podman_knows(const std::string& podman, const std::string& name) {
    const auto known = ask_whether_known(podman, name);
    return known ? known->status == 0 : known.error().passes;
}

bool remove_container(const std::string& podman, const std::string& name,
                      std::chrono::steady_clock::time_point until, const std::string& told) {
    constexpr int most_attempts = 10;
    constexpr std::chrono::milliseconds pause{500};
    end_starters(name);
    const auto conmon = conmon_of(name);
    const auto exit_file = exit_file_of(conmon);
    auto at_runtime = runtime_and_id(podman, name, conmon);
    kill_inside(conmon);
    bool gone = false;
    for (int attempts = most_attempts; !gone && attempts > 0;) {
        const auto forgotten = forget_container(podman, name);
        gone = forgotten && *forgotten;
        const bool passes = !forgotten && forgotten.error().passes;
        if (passes && std::chrono::steady_clock::now() < until) {
            std::this_thread::sleep_for(pause);
            at_runtime = at_runtime ? at_runtime : runtime_and_id(podman, name, conmon);
        } else if (forgotten || passes) {
            --attempts;  // one that conmon is about to clean up makes the first fail now and then
        } else {
            break;
        }
    }
    end_conmons(name);
    if (at_runtime) {
        delete_at(at_runtime->first, podman, at_runtime->second);
    }
    end_runtime_starts(at_runtime ? at_runtime->second : told);
    if (gone && !exit_file.empty()) {
        ::unlink(exit_file.c_str());  // podman, which has forgotten the container, looks for it no more
    }
    return gone;
}

}  // namespace mpi_podman
