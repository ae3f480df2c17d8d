#include "run/conmon.hpp"

#include <sys/stat.h>
#include <unistd.h>

#include <charconv>

#include "sys/fd.hpp"
#include "sys/process.hpp"

namespace mpi_podman {
namespace {

bool is_the_same(const std::string& one, const std::string& other) {
    struct stat first {};
    struct stat second {};
    return ::stat(one.c_str(), &first) == 0 && ::stat(other.c_str(), &second) == 0 &&
           first.st_dev == second.st_dev && first.st_ino == second.st_ino;
}

/// Whether a process is this user's, and on the host: a rank in a container may call itself what it likes,
/// and see the host's processes (--pid=host, --per-rank), but its root is the container's.
bool is_ours_here(pid_t pid) {
    struct stat owner {};
    const auto proc = "/proc/" + std::to_string(pid);
    return ::stat(proc.c_str(), &owner) == 0 && owner.st_uid == ::geteuid() &&
           is_the_same("/proc/self/ns/pid", proc + "/ns/pid") && is_the_same("/", proc + "/root/.");
}

/// The command line, each word with a zero byte before and behind it.
std::string words_of(pid_t pid) {
    return std::string(1, '\0') + read_file("/proc/" + std::to_string(pid) + "/cmdline").value_or("");
}

std::string as_word(std::string_view word) {
    return std::string(1, '\0') + std::string(word) + std::string(1, '\0');
}

bool is_conmon(pid_t pid) {
    return read_file("/proc/" + std::to_string(pid) + "/comm").value_or("") == "conmon\n";
}

/// 0 where either is gone.
pid_t parent_of(pid_t pid) {
    pid_t parent = 0;
    const auto digits = proc_status(pid, "PPid");
    std::from_chars(digits.data(), digits.data() + digits.size(), parent);
    return parent;
}

/// This user's processes whose command lines have these words, as as_word() has them.
std::vector<pid_t> ours_with(const std::string& words) {
    auto found = all_processes();
    std::erase_if(found, [&](pid_t pid) {
        return !is_ours_here(pid) || words_of(pid).find(words) == std::string::npos;
    });
    return found;
}

}  // namespace

std::vector<pid_t> podman_starting(const std::string& container) {
    return ours_with(as_word("--name=" + container));
}

std::vector<pid_t> runtime_starting(const std::string& id) { return ours_with(as_word("start") + id + '\0'); }

bool is_id(std::string_view word) {
    constexpr std::size_t digits = 64;
    return word.size() == digits && word.find_first_not_of("0123456789abcdef") == std::string_view::npos;
}

std::string program_of(pid_t pid) { return words_of(pid).c_str() + 1; }

std::string conmon_option(pid_t conmon, std::string_view option) {
    const auto words = words_of(conmon);
    const auto wanted = as_word(option);
    const auto at = words.find(wanted);
    return at == std::string::npos ? std::string{} : std::string(words.c_str() + at + wanted.size());
}

pid_t conmon_of(const std::string& container) {
    for (const auto pid : all_processes()) {
        if (is_ours_here(pid) && is_conmon(pid) && conmon_option(pid, "-n") == container) {
            return pid;
        }
    }
    return 0;
}

pid_t conmon_above(pid_t first) {
    constexpr int often_enough = 2;  // the runtime may end between one look and the next
    for (int attempt = 0; attempt < often_enough; ++attempt) {
        for (auto pid = parent_of(first); pid > 1; pid = parent_of(pid)) {
            if (is_conmon(pid)) {
                return pid;
            }
        }
    }
    return parent_of(first);
}

std::string exit_file_of(pid_t conmon) {
    const auto id = conmon_option(conmon, "-c");
    const auto directory = conmon_option(conmon, "--exit-dir");
    return is_id(id) && directory.ends_with("/exits") ? directory + "/" + id : std::string();
}

std::vector<std::string> run_paths_of(pid_t conmon) {
    std::vector<std::string> found;
    const auto id = conmon_option(conmon, "-c");
    if (!is_id(id)) {
        return found;
    }
    // With --pidfile the first is elsewhere.
    for (const auto& [option, name] : {std::pair("-p", "pidfile"), {"--conmon-pidfile", "conmon.pid"}}) {
        const auto file = conmon_option(conmon, option);
        const auto end = "/" + id + "/userdata/" + name;
        if (file.ends_with(end)) {
            found.push_back(file.substr(0, file.size() - end.size()) + "/" + id);
            break;
        }
    }
    // Beside podman's own: XDG_RUNTIME_DIR/crun of a user, /run/crun of root (crun(1), --root).
    const auto exits = conmon_option(conmon, "--exit-dir");
    const auto runtime = conmon_option(conmon, "-r");
    for (const std::string_view end : {"/libpod/tmp/exits", "/libpod/exits"}) {
        if (exits.ends_with(end) && !runtime.empty()) {
            found.push_back(exits.substr(0, exits.size() - end.size()) + "/" +
                            runtime.substr(runtime.rfind('/') + 1) + "/" + id);
            break;
        }
    }
    if (const auto file = exit_file_of(conmon); !file.empty()) {
        found.push_back(file);
    }
    return found;
}

}  // namespace mpi_podman
