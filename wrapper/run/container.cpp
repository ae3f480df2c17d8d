#include "run/container.hpp"

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <chrono>
#include <csignal>
#include <optional>
#include <vector>

#include "inspect/command.hpp"
#include "run/conmon.hpp"
#include "run/orphans.hpp"
#include "sys/process.hpp"

namespace mpi_podman {
namespace {

using namespace std::chrono_literals;

std::string mount_namespace_path(const std::string& pid) { return "/proc/" + pid + "/ns/mnt"; }

/// The processes that are in this mount namespace right now.
std::vector<pid_t> processes_in(const struct stat& wanted) {
    std::vector<pid_t> found;
    for (const auto pid : all_processes()) {
        struct stat info {};
        if (::stat(mount_namespace_path(std::to_string(pid)).c_str(), &info) == 0 &&
            info.st_ino == wanted.st_ino && info.st_dev == wanted.st_dev) {
            found.push_back(pid);
        }
    }
    return found;
}

/// Kills one of them, unless the pid is another process's by now, and waits a moment for its end.
void kill_in(pid_t pid, const struct stat& wanted) {
    const Fd process = pidfd_of(pid);
    struct stat info {};
    if (!process || ::stat(mount_namespace_path(std::to_string(pid)).c_str(), &info) != 0 ||
        info.st_ino != wanted.st_ino) {
        return;
    }
    signal_pidfd(process, SIGKILL);
    ended_within(process, 100ms);
}

/// A container's runtime and its id there, by podman; by conmon where podman does not know the container, as
/// it may have been killed before it noted it. Empty where neither does.
std::optional<std::pair<std::string, std::string>> runtime_and_id(const std::string& podman,
                                                                  const std::string& name, pid_t conmon) {
    const auto answer = ask({podman, "container", "inspect", "--format={{.OCIRuntime}} {{.Id}}", name}, 30s);
    const auto space = answer && answer->status == 0 ? answer->out.find(' ') : std::string::npos;
    if (space != std::string::npos) {
        return std::pair(answer->out.substr(0, space),
                         answer->out.substr(space + 1, answer->out.find('\n') - space - 1));
    }
    const auto id = conmon_option(conmon, "-c");
    return is_id(id) ? std::optional(std::pair(conmon_option(conmon, "-r"), id)) : std::nullopt;
}

/// The command that removes a container from the runtime's own list, where it stays if conmon or the runtime
/// was killed. `podman unshare` finds that list, as podman does.
std::optional<std::vector<std::string>> runtime_entry(const std::string& podman, const std::string& name,
                                                      pid_t conmon) {
    const auto known = runtime_and_id(podman, name, conmon);
    if (!known) {
        return std::nullopt;
    }
    std::vector<std::string> command{known->first, "delete", "--force", known->second};
    if (::geteuid() != 0) {
        command.insert(command.begin(), {podman, "unshare"});
    }
    return command;
}

/// What runs in a container without a pid linux namespace of its own stays when its first process is killed.
/// conmon's other children are in podman's mount namespace, as it is, where all of podman's processes are.
void kill_inside(pid_t conmon) {
    const auto parent = std::to_string(conmon);
    struct stat podmans {};
    if (conmon <= 0 || ::stat(mount_namespace_path(parent).c_str(), &podmans) != 0) {
        return;
    }
    for (const auto pid : all_processes()) {
        struct stat info {};
        if (proc_status(pid, "PPid") == parent &&
            ::stat(mount_namespace_path(std::to_string(pid)).c_str(), &info) == 0 &&
            info.st_ino != podmans.st_ino) {
            Container::of(pid).kill_all();
        }
    }
}

}  // namespace

Container Container::of(pid_t pid) {
    Container container;
    container.pid_ = pid;
    container.rank_ = pidfd_of(pid);
    const auto place = mount_namespace_path(std::to_string(pid));
    container.mount_namespace_ = Fd(::open(place.c_str(), O_RDONLY | O_CLOEXEC));
    struct stat ours {};
    struct stat theirs {};
    const bool apart = container.mount_namespace_ && ::stat("/proc/self/ns/mnt", &ours) == 0 &&
                       ::fstat(container.mount_namespace_.get(), &theirs) == 0 &&
                       ours.st_ino != theirs.st_ino;
    return apart ? std::move(container) : Container{};
}

void Container::signal(int number) const noexcept {
    const bool stop = number == SIGTSTP && !catches(pid_, SIGTSTP);
    signal_pidfd(rank_, stop ? SIGSTOP : number);
}

bool Container::kill_all() const {
    struct stat wanted {};
    if (!mount_namespace_ || ::fstat(mount_namespace_.get(), &wanted) != 0) {
        return false;
    }
    bool any = false;
    constexpr std::chrono::seconds patience{5};
    const auto until = std::chrono::steady_clock::now() + patience;
    for (auto left = processes_in(wanted); !left.empty() && std::chrono::steady_clock::now() < until;
         left = processes_in(wanted)) {
        any = true;
        for (const auto pid : left) {
            kill_in(pid, wanted);
        }
    }
    return any;
}

void remove_container(const std::string& podman, const std::string& name) {
    constexpr int most_attempts = 10;
    end_starters(name);
    const auto conmon = conmon_of(name);
    const auto exit_file = exit_file_of(conmon);
    const auto at_runtime = runtime_entry(podman, name, conmon);
    kill_inside(conmon);
    for (int attempt = 0; attempt < most_attempts; ++attempt) {
        // A container that conmon is about to clean up makes the first call fail now and then.
        const auto removed = ask({podman, "--log-level=error", "--cgroup-manager=cgroupfs",
                                  "--events-backend=none", "rm", "--force", "--ignore", "--time=0", name},
                                 30s);
        const auto known = ask({podman, "container", "exists", name}, 30s);
        if (!removed || !known || known->status == 1) {
            break;
        }
    }
    end_conmons(name);
    if (at_runtime) {
        static_cast<void>(ask(*at_runtime, 30s));
    }
    if (!exit_file.empty()) {
        ::unlink(exit_file.c_str());  // podman, which has forgotten the container, looks for it no more
    }
}

}  // namespace mpi_podman
