#include "inspect/host.hpp"

#include <fcntl.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <sys/sysmacros.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <charconv>
#include <climits>
#include <cstdlib>
#include <filesystem>

#include "sys/fd.hpp"

namespace mpi_podman {
namespace {

/// /dev/null, whatever name it was opened by (null(4)).
bool is_null_device(dev_t device) { return major(device) == 1 && minor(device) == 3; }

Stream stream_of(int fd) {
    struct stat info {};
    if (::fstat(fd, &info) != 0) {
        return Stream::closed;
    }
    if (S_ISCHR(info.st_mode) && is_null_device(info.st_rdev)) {
        return Stream::null;
    }
    return ::isatty(fd) == 1 ? Stream::terminal : Stream::other;
}

std::string to_text(rlim_t value) { return value == RLIM_INFINITY ? "-1" : std::to_string(value); }

Limit limit_of(const char* name, __rlimit_resource which) {
    struct rlimit limit {};
    ::getrlimit(which, &limit);
    return {name, to_text(limit.rlim_cur), to_text(limit.rlim_max)};
}

/// umask(2) can only be read by setting it; one thread, so nobody sees the moment between.
mode_t current_umask() {
    const mode_t mask = ::umask(0);
    ::umask(mask);
    return mask;
}

std::string host_name() {
    std::array<char, HOST_NAME_MAX + 1> name{};
    ::gethostname(name.data(), name.size() - 1);
    return name.data();
}

std::string variable(const char* name) {
    const char* const value = std::getenv(name);  // NOLINT(concurrency-mt-unsafe): one thread
    return value != nullptr ? value : "";
}

/// The same path by the name of a home directory that is a symbolic link; empty where it is none, or
/// elsewhere.
std::string below_linked_home(const std::string& path) {
    const auto home = variable("HOME");
    std::error_code why;
    if (!home.starts_with('/') || path.starts_with(home)) {
        return {};
    }
    const auto real = std::filesystem::canonical(home, why).string();
    return !why && (path + "/").starts_with(real + "/") ? home + path.substr(real.size()) : "";
}

bool is_current_directory(const std::string& path) {
    std::error_code ignored;
    return std::filesystem::equivalent(path, ".", ignored);
}

/// $PWD is a shell's (POSIX, "PWD"), but for Open MPI's daemons, which write the physical path there.
std::string other_name_of(const std::string& cwd) {
    for (const auto& name : {variable("PWD"), below_linked_home(cwd)}) {
        if (name.starts_with('/') && name != cwd && is_current_directory(name)) {
            return name;
        }
    }
    return {};
}

bool exists(const std::string& path) { return ::faccessat(AT_FDCWD, path.c_str(), F_OK, AT_EACCESS) == 0; }

}  // namespace

Result<HostFacts> host_facts(const std::vector<std::string>& ask) {
    HostFacts facts;
    std::error_code why;
    facts.cwd = std::filesystem::current_path(why).string();
    if (why || facts.cwd.empty() || facts.cwd.front() != '/') {
        return failure(
            Status::ours, "the current directory is gone or unreachable: " + why.message(),
            "start the job from a directory that exists on every node (mpirun --wdir, srun --chdir)");
    }
    facts.cwd_by_name = other_name_of(facts.cwd);
    facts.uid = ::geteuid();
    facts.pid = ::getpid();
    facts.umask = current_umask();
    facts.hostname = host_name();
    facts.in = stream_of(STDIN_FILENO);
    facts.out = stream_of(STDOUT_FILENO);
    facts.supplementary_groups = ::getgroups(0, nullptr) > 1;
    facts.selinux = exists("/sys/fs/selinux/enforce");
    facts.cores = static_cast<std::uint32_t>(std::max(1L, ::sysconf(_SC_NPROCESSORS_ONLN)));
    facts.kills_for_memory = kills_for_memory();
    facts.limits = {limit_of("nofile", RLIMIT_NOFILE), limit_of("nproc", RLIMIT_NPROC)};
    facts.locked_memory = limit_of("memlock", RLIMIT_MEMLOCK);
    for (const auto& path : ask) {
        if (exists(path)) {
            facts.present.insert(path);
        }
    }
    return facts;
}

Limit limit_of_files(const HostFacts& facts) {
    const auto found = std::ranges::find(facts.limits, "nofile", &Limit::name);
    return found == facts.limits.end() ? Limit{} : *found;
}

std::optional<std::uint64_t> kills_for_memory() {
    const auto groups = "\n" + read_file("/proc/self/cgroup").value_or("");
    constexpr std::string_view unified = "\n0::";  // cgroups(7)
    const auto at = groups.find(unified);
    if (at == std::string::npos) {
        return std::nullopt;
    }
    const auto path = groups.substr(at + unified.size());
    const auto events =
        "\n" + read_file("/sys/fs/cgroup" + path.substr(0, path.find('\n')) + "/memory.events").value_or("");
    constexpr std::string_view name = "\noom_kill ";
    const auto line = events.find(name);
    std::uint64_t count = 0;
    const auto* const end = events.data() + events.size();
    return line != std::string::npos &&
                   std::from_chars(events.data() + line + name.size(), end, count).ec == std::errc{}
               ? std::optional(count)
               : std::nullopt;
}

pid_t starter() {
    const pid_t parent = ::getppid();
    const bool to_init = parent == 1 && ::getsid(parent) != ::getsid(0);
    const bool to_systemd =
        read_file("/proc/" + std::to_string(parent) + "/comm").value_or("") == "systemd\n";
    return to_init || to_systemd ? -1 : parent;
}

}  // namespace mpi_podman
