#include "podman/explain.hpp"

#include <algorithm>
#include <array>
#include <cctype>
#include <optional>
#include <string_view>

#include "inspect/command.hpp"
#include "sys/argument_space.hpp"

namespace mpi_podman {
namespace {

struct Explanation {
    std::string_view said;     ///< in podman's, crun's or conmon's words
    std::string_view message;  ///< empty: their own last line says it best
    std::string_view hint;
};

constexpr std::string_view add_ranges =
    "as root: usermod --add-subuids 100000-165535 --add-subgids 100000-165535 USER; then: podman system "
    "migrate";

constexpr std::string_view path_limits = "a path may have 4095 bytes, and each name in it 255";

/// Podman's own, whatever its status: a missing device is no missing program.
constexpr std::string_view setting_up_gpus = "setting up CDI devices";

/// crun's words, with the container's id before them, where the process that it is to begin has died.
constexpr std::string_view never_started = "` is not running";
/// podman's, behind "Error: `crun start ID", where the runtime itself has.
constexpr std::string_view start_killed = "` failed: signal: killed";

constexpr std::string_view began_in_vain = "the runtime was killed as it began the container";
constexpr std::string_view who_killed_it = "see what killed it: the kernel's log, the batch system, a person";

/// Seen from podman 4.3 and 5.4 with crun 1.8 and 1.21; first match wins.
constexpr std::array explanations{
    Explanation{"cgroups in hybrid mode not supported",
                "crun refuses this node's hybrid cgroup layout (cgroup v1 and v2 both mounted)",
                "boot with systemd.unified_cgroup_hierarchy=1"},
    Explanation{"/dev/mqueue", "/dev/mqueue is not mounted on this node, and a rank shares the node's ipc",
                "as root: mkdir -p /dev/mqueue && mount -t mqueue mqueue /dev/mqueue"},
    Explanation{"no subuid ranges found", "this user has no subuid range on this node", add_ranges},
    Explanation{"no subgid ranges found", "this user has no subgid range on this node", add_ranges},
    Explanation{"keep-id requires additional UIDs", "this user has no subuid range on this node", add_ranges},
    Explanation{"not enough unused ID",
                "this user's subuid and subgid ranges are too small for the image or missing", add_ranges},
    Explanation{"insufficient UIDs or GIDs",
                "this user's subuid and subgid ranges are too small for the image", add_ranges},
    Explanation{"newuidmap", "podman cannot map user ids on this node",
                "install the package uidmap, and give the user a range in /etc/subuid and /etc/subgid"},
    Explanation{"/dev/net/tun", "", "load the module tun on this node"},
    Explanation{"no space left on device", "",
                "make room in podman's storage: podman system df, podman system prune"},
    Explanation{"oo many open files", "",
                "raise the limit of open files: ulimit -n 64 or more, and --ulimit nofile"},
    // Of podman's own start in its user namespace, for which it adds variables.
    Explanation{
        "Argument list too long", "",
        "have fewer or shorter variables and mounts, or raise the stack's limit, four times what all may "
        "have: ulimit -s"},
    Explanation{"ile name too long", "", path_limits},
    Explanation{"no such image", "", "podman pull it on this node"},
    Explanation{"image not known", "", "podman pull it on this node"},
    Explanation{"unknown flag", "", "check --podman-arg: podman run --help lists its options"},
    Explanation{"is in use", "", "podman ps -a shows what holds it"},
    Explanation{setting_up_gpus, "the node's CDI specification of its GPUs does not hold",
                "as root, anew: nvidia-ctk cdi generate --output=/etc/cdi/nvidia.yaml; or do without: "
                "--gpus=none"},
    // Seen from crun 1.8.1, for CDI's mounts have no type: dmesg shows its segmentation fault.
    Explanation{"sync socket", "the runtime broke down as it set the container up",
                "an old crun does where a second container of the job on this node has GPUs: --gpus=none for "
                "one of them, one image and the same options for all ranks of a node, or a newer crun"},
    Explanation{never_started, began_in_vain, who_killed_it},
    Explanation{start_killed, began_in_vain, who_killed_it},
    Explanation{"statfs ", "",
                "the path of that --volume must exist and be readable on every node of the job"},
    Explanation{"setrlimit", "", "ask for less, or for what the hard limit allows: --ulimit NAME=SOFT:HARD"},
    Explanation{"workdir ", "", "-w/--workdir names a directory of the image or of a mount"},
    Explanation{"ermission denied", "",
                "a mounted path or device must be readable by you on every node of the job"},
    Explanation{"error executing hook", "an OCI hook refused the container",
                "its own words: --podman-arg=--annotation=run.oci.hooks.stderr=FILE keeps them in FILE"},
    Explanation{"keep-groups", "", "the runtime must be crun for supplementary groups"},
};

std::optional<Explanation> explanation_of(const std::string& words) {
    for (const auto& row : explanations) {
        if (words.find(row.said) != std::string::npos) {
            return row;
        }
    }
    return std::nullopt;
}

std::string program_in_words(const Plan& plan) {
    return plan.program.empty() ? std::string("the image's command") : plan.program;
}

std::string_view advice_for(Status status, const std::string& said) {
    if (said.find("ile name too long") != std::string::npos) {
        return path_limits;
    }
    return status == Status::not_found
               ? "a program of the host must lie below the current directory or a --volume, one of the "
                 "image in its PATH"
               : "is it executable, built for this machine, and its #! interpreter or loader in the image?";
}

Error no_program(const Plan& plan, Status status, const std::string& said) {
    const bool missing = status == Status::not_found;
    const std::string where = plan.workdir.empty() ? "" : ", working directory " + plan.workdir;
    // The runtime's words for a plain miss only repeat the name; for the rest they hold the reason.
    const bool plain = said.empty() || said.find("not found in $PATH") != std::string::npos;
    return {status,
            program_in_words(plan) + (missing ? " was not found in " : " cannot be executed in ") +
                plan.image + where + (plain ? "" : " (" + said + ")"),
            std::string(advice_for(status, said))};
}

/// The runtime took what it was told; what the image adds was too much for the kernel (execve(2), E2BIG).
constexpr std::string_view too_long_inside = "Argument list too long";

Error program_has_no_room(const Plan& plan) {
    return {
        Status::ours,
        program_in_words(plan) + " cannot be started in " + plan.image +
            ": its variables and arguments are too long",
        "Linux takes " + std::to_string(longest_word() - 1) +
            " bytes in each, and in all a quarter of the stack's limit (ulimit -s); those of the image count "
            "too"};
}

/// crun 1.x, when execve(2) itself fails: a JSON line on the rank's stderr, exit status 1.
constexpr std::string_view exec_failure = R"({"msg":"exec container process)";

/// 126 is also podman's status for a container that cannot be set up.
bool is_about_program(int status, const std::string& said) {
    if (said.find(setting_up_gpus) != std::string::npos) {
        return false;
    }
    return status == static_cast<int>(Status::not_found) ||
           (status == static_cast<int>(Status::not_runnable) &&
            (said.empty() || said.find("executable") != std::string::npos ||
             said.find("exec:") != std::string::npos));
}

/// A container's id differs from rank to rank, and would make one failure many.
std::string without_ids(std::string text) {
    constexpr std::size_t id_length = 64;
    const auto is_hex = [](unsigned char c) { return std::isxdigit(c) != 0; };
    for (auto at = text.begin(); at != text.end();) {
        const auto end = std::find_if_not(at, text.end(), is_hex);
        at = end - at == id_length ? text.erase(at, end) : end + (end == text.end() ? 0 : 1);
    }
    return text.substr(0, text.find_last_not_of(' ') + 1);
}

/// Of crun's JSON the message alone: the time beside it differs from rank to rank, too.
std::string without_json(const std::string& text) {
    constexpr std::string_view before = R"({"msg":")";
    const auto begin = text.find(before);
    const auto end = begin == std::string::npos ? begin : text.find(R"(",")", begin);
    return end == std::string::npos
               ? text
               : text.substr(0, begin) + text.substr(begin + before.size(), end - begin - before.size());
}

}  // namespace

bool is_missing_image(const std::string& words) {
    return words.find("image not known") != std::string::npos ||
           words.find("no such image") != std::string::npos;
}

std::string podman_killed(int signal) {
    return "podman was killed by signal " + std::to_string(signal) + ", and the rank with it";
}

Error podman_made_nothing() {
    return {Status::ours, "podman ended with status 0, but made no container: the rank did not run",
            "see what it said above; `mpi-podman --dry-run` prints the command, to be run by hand"};
}

Error podman_kept_container(int status, bool removed) {
    return {Status::ours,
            "podman ended with status " + std::to_string(status) +
                " and left the rank's container behind, which " +
                (removed ? "is removed now" : "cannot be removed now") + "; how the rank ended it cannot say",
            "see what podman said above; it needs room in /tmp, its runtime directory and its storage"};
}

bool is_exec_failure(const std::string& words) { return words.starts_with(exec_failure); }

bool never_began(const std::string& words) {
    return (words.starts_with("container `") && words.find(never_started) != std::string::npos) ||
           (words.starts_with("Error: `") && words.find(" start ") < words.find(start_killed) &&
            words.find(start_killed) != std::string::npos);
}

bool is_from_runtime(const std::string& words) { return is_exec_failure(words) || never_began(words); }

std::string last_words(const std::string& words) {
    // Behind "Error: " podman may add advice on further lines, and before it what it logged.
    constexpr std::string_view prefix = "Error: ";
    const auto error = words.rfind(prefix);
    auto line = error == std::string::npos ? words.substr(0, words.find_last_not_of(" \n\r") + 1)
                                           : words.substr(error + prefix.size());
    return error == std::string::npos ? line.erase(0, line.rfind('\n') + 1) : line.substr(0, line.find('\n'));
}

Error not_started(const Error& why) {
    return why.status == Status::ours ? why
                                      : Error{Status::ours, "cannot start podman: " + why.message,
                                              "install podman 4.3 or newer, or give --podman PATH"};
}

Error explain(const Plan& plan, int status, const std::string& words) {
    if (const auto without = lacks_threads(words)) {
        return *without;
    }
    const auto said = without_ids(without_json(last_words(words)));
    if (is_exec_failure(words) && words.find(too_long_inside) != std::string::npos) {
        return program_has_no_room(plan);
    }
    if (is_exec_failure(words)) {
        const auto reason = words.rfind("`: ");
        const auto end = words.find('"', reason);
        return no_program(plan, Status::not_runnable, words.substr(reason + 3, end - reason - 3));
    }
    if (is_about_program(status, said)) {
        return no_program(plan, static_cast<Status>(status), said);
    }
    if (const auto row = explanation_of(words)) {
        const std::string quoted = said.empty() ? std::string{} : " (podman: " + said + ")";
        return {Status::ours, row->message.empty() ? "podman: " + said : std::string(row->message) + quoted,
                std::string(row->hint)};
    }
    if (said.empty()) {
        return {Status::ours, "podman ended with status " + std::to_string(status) + " and said nothing",
                "run it by hand: mpi-podman --dry-run prints the command"};
    }
    return {Status::ours, "podman: " + said, "run it by hand: mpi-podman --dry-run prints the command"};
}

}  // namespace mpi_podman
