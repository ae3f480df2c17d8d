#include "podman/render.hpp"

#include <algorithm>
#include <array>
#include <iomanip>
#include <sstream>

#include "sys/printable.hpp"

namespace mpi_podman {
namespace {

using Words = std::vector<std::string>;

void add_each(Words& argv, const std::string& option, const Words& values) {
    for (const auto& value : values) {
        argv.push_back(option + "=" + value);
    }
}

void add_if(Words& argv, bool condition, std::string option) {
    if (condition) {
        argv.push_back(std::move(option));
    }
}

/// A path with a colon cannot be told to --volume, one with a comma not to --mount.
std::string mount_option(const std::string& path) {
    return path.find(':') == std::string::npos ? "--volume=" + path + ":" + path
                                               : "--mount=type=bind,source=" + path + ",target=" + path;
}

/// Without its options a volume would be writable.
std::string mount_option(const HostMount& mount) {
    const bool plain = (mount.source + mount.target).find(':') == std::string::npos;
    return plain ? "--volume=" + mount.source + ":" + mount.target + ":ro"
                 : "--mount=type=bind,source=" + mount.source + ",target=" + mount.target + ",ro=true";
}

/// A file system of its own over the directory, with nothing in it.
std::string hide_option(const std::string& path) {
    return path.find(':') == std::string::npos
               ? "--tmpfs=" + path + ":ro,size=4k,mode=0555,notmpcopyup"
               : "--mount=type=tmpfs,target=" + path + ",ro=true,tmpfs-size=4k,tmpfs-mode=0555,notmpcopyup";
}

std::string octal(mode_t mask) {
    std::ostringstream text;
    text << std::setw(4) << std::setfill('0') << std::oct << mask;
    return text.str();
}

/// Rootless podman in a session without systemd warns about cgroups and events at every start; and with
/// cgroupfs the rank stays in the cgroup the launcher gave it, so that Slurm's accounting holds.
void add_quiet_podman(Words& argv) {
    argv.insert(argv.end(), {"--log-level=error", "--cgroup-manager=cgroupfs", "--events-backend=none"});
}

constexpr const char* agent_inside = "/run/mpi-podman-agent";

/// What makes a container no barrier between the rank and its job.
void add_namespaces(Words& argv, const Plan& plan, const std::string& home = {}) {
    add_if(argv, plan.keep_id, "--userns=" + (home.empty() ? "keep-id" : "container:" + home));
    add_if(argv, !home.empty() && plan.pid == PidMode::private_, "--pid=container:" + home);
    add_if(argv, plan.keep_groups, "--group-add=keep-groups");
    argv.insert(argv.end(), {"--net=host", "--ipc=host", "--uts=host"});
    add_if(argv, !plan.keep_id, "--pids-limit=0");  // root's podman would limit a rank to 2048 threads
    add_if(argv, plan.pid == PidMode::host, "--pid=host");
}

void add_limits(Words& argv, const Plan& plan) {
    for (const auto& limit : plan.limits) {
        argv.push_back("--ulimit=" + limit.name + "=" + limit.soft + ":" + limit.hard);
    }
    add_each(argv, "--ulimit", plan.typed_limits);
    argv.push_back("--umask=" + octal(plan.umask));
}

void add_files(Words& argv, const Plan& plan) {
    for (const auto& mount : plan.mounts) {
        argv.push_back(mount_option(mount.path));
    }
    for (const auto& mount : plan.mpi_mounts) {
        argv.push_back(mount_option(mount));
    }
    add_each(argv, "--volume", plan.volumes);
    for (const auto& path : plan.hidden) {
        argv.push_back(hide_option(path));
    }
    add_if(argv, plan.gets_tmp, "--tmpfs=/tmp:mode=1777,exec,nosuid,nodev");
}

void add_devices(Words& argv, const Plan& plan) {
    add_each(argv, "--device", plan.devices);
    add_if(argv, !plan.devices_asked_for.empty(), "--label=mpi-podman.devices=" + plan.devices_asked_for);
}

/// Values are off podman's command line, where ps(1) shows them to everybody, if podman gets them in its own
/// environment.
void add_environment(Words& argv, const RankEnvironment& environment, bool in_podmans_own) {
    add_each(argv, "--env", environment.inherited);
    for (const auto& [name, value] : environment.set) {
        argv.push_back("--env=" + name + (in_podmans_own && !podman_heeds(name) ? "" : "=" + value));
    }
    add_each(argv, "--unsetenv", environment.unset);
}

void add_streams(Words& argv, const Plan& plan, bool no_terminals) {
    add_if(argv, plan.interactive, "--interactive");
    add_if(argv, plan.terminal, "--tty");
    add_if(argv, plan.terminal, "--detach-keys=");
    add_if(argv, plan.pmi_fd.has_value(), "--preserve-fds=1");
    // The rank's output belongs to the launcher; podman would keep a copy on disk. And the socket by which
    // podman relays it loses, now and then, what a rank says just before it ends (podman 4.3, conmon 2.1.6);
    // only a terminal needs that socket.
    const bool direct = no_terminals && !plan.stdin_is_terminal;
    argv.emplace_back(direct ? "--log-driver=passthrough" : "--log-driver=none");
}

bool is_plain(unsigned char c) {
    return std::isalnum(c) != 0 ||
           std::string_view("_-+=.,/:@%").find(static_cast<char>(c)) != std::string_view::npos;
}

bool is_plain_space(char c) { return c == '\n' || c == '\t'; }

/// What a terminal would obey as it is printed, between quotes, in a way that any shell takes.
std::string by_printf(std::string_view bytes) {
    std::ostringstream text;
    text << "'\"$(printf '" << std::oct;
    for (const char byte : bytes) {
        text << '\\' << std::setw(3) << std::setfill('0') << unsigned{static_cast<unsigned char>(byte)};
    }
    text << "')\"'";
    return text.str();
}

}  // namespace

bool is_init(const Plan& plan, const NodeCommand& command) {
    return plan.pid == PidMode::private_ && command.home.empty();
}

bool podman_heeds(const std::string& name) {
    constexpr std::array<std::string_view, 10> names{"PATH",       "HOME",      "TMPDIR", "USER",
                                                     "LOGNAME",    "HOSTNAME",  "TERM",   "NOTIFY_SOCKET",
                                                     "LISTEN_FDS", "LISTEN_PID"};
    constexpr std::array<std::string_view, 11> beginnings{"XDG_",    "CONTAINER", "STORAGE_",    "REGISTRY_",
                                                          "PODMAN_", "DOCKER_",   "LD_",         "GO",
                                                          "DBUS_",   "SSL_CERT_", "_CONTAINERS_"};
    return std::find(names.begin(), names.end(), name) != names.end() ||
           std::any_of(beginnings.begin(), beginnings.end(),
                       [&](std::string_view beginning) { return name.starts_with(beginning); });
}

std::vector<std::string> render_node(const Plan& plan, const NodeCommand& command) {
    Words argv{plan.podman};
    const bool init = is_init(plan, command);
    add_quiet_podman(argv);
    argv.insert(argv.end(), {"run", "--detach", "--rm", "--pull=never", "--log-driver=none"});
    add_if(argv, !plan.name.empty(), "--name=" + plan.name);
    add_if(argv, !command.id_file.empty(), "--cidfile=" + command.id_file);
    if (plan.linger > 0) {
        // Nothing of the job that starts it: others will use it.
        argv.insert(argv.end(),
                    {"--label=mpi-podman.linger=" + std::to_string(plan.linger), "--http-proxy=false"});
    } else {
        add_if(argv, !plan.job.empty(), "--label=mpi-podman.job=" + plan.job);
    }
    add_if(argv, !plan.mpi_from.empty(), "--label=mpi-podman.mpi=" + plan.mpi_from);
    argv.push_back(command.home.empty() ? "--preserve-fds=1" : "--preserve-fds=2");
    add_namespaces(argv, plan, command.home);
    add_if(argv, plan.keep_id && !command.home.empty(),
           "--user=" + command.user);  // as keep-id does by itself
    add_files(argv, plan);
    add_devices(argv, plan);
    add_each(argv, "--security-opt", plan.security);
    if (init) {
        // Bind-mounted read-only by podman, which says behind it what the image would run.
        argv.insert(argv.end(), {"--init", "--init-path=" + command.agent});
        add_if(argv, plan.entrypoint.has_value(), "--entrypoint=" + plan.entrypoint.value_or(""));
    } else {
        argv.insert(argv.end(), {"--volume=" + command.agent + ":" + agent_inside + ":ro",
                                 std::string("--entrypoint=") + agent_inside});
    }
    argv.insert(argv.end(), plan.podman_arguments.begin(), plan.podman_arguments.end());
    argv.push_back(plan.image);
    add_if(argv, init && !plan.command.empty(), command_mark);
    return argv;
}

std::vector<std::string> render(const Plan& plan, const PodmanTells& tells) {
    Words argv{plan.podman};
    add_quiet_podman(argv);
    argv.insert(argv.end(), {"run", "--rm", "--name=" + plan.name, "--pull=" + to_string(plan.pull)});
    add_if(argv, !plan.job.empty(), "--label=mpi-podman.job=" + plan.job);
    add_if(argv, !plan.mpi_from.empty(), "--label=mpi-podman.mpi=" + plan.mpi_from);
    add_if(argv, !tells.pid.empty(), "--pidfile=" + tells.pid);
    add_if(argv, !tells.id.empty(), "--cidfile=" + tells.id);
    add_streams(argv, plan, !tells.pid.empty());
    add_namespaces(argv, plan);
    // Pid 1 of a pid namespace ignores signals it does not catch (pid_namespaces(7)): the rank must not be
    // it.
    add_if(argv, plan.pid == PidMode::private_, "--init");
    add_limits(argv, plan);
    add_files(argv, plan);
    add_if(argv, !plan.workdir.empty(), "--workdir=" + plan.workdir);
    add_environment(argv, plan.environment, !tells.pid.empty());
    add_devices(argv, plan);
    add_each(argv, "--security-opt", plan.security);
    if (plan.entrypoint) {
        argv.push_back("--entrypoint=" + *plan.entrypoint);
    }
    argv.insert(argv.end(), plan.podman_arguments.begin(), plan.podman_arguments.end());
    argv.push_back(plan.image);
    argv.insert(argv.end(), plan.command.begin(), plan.command.end());
    return argv;
}

std::string shell_quote(const std::string& word) {
    if (!word.empty() && std::all_of(word.begin(), word.end(),
                                     [](char c) { return is_plain(static_cast<unsigned char>(c)); })) {
        return word;
    }
    std::string quoted = "'";
    for (std::string_view rest = word; !rest.empty();) {
        const auto control = is_plain_space(rest.front()) || utf8_sequence(rest) == 0 ? 0 : unprintable(rest);
        const auto length = std::max<std::size_t>(control, 1);
        quoted += control > 0            ? by_printf(rest.substr(0, control))
                  : rest.front() == '\'' ? std::string("'\\''")
                                         : std::string(1, rest.front());
        rest.remove_prefix(length);
    }
    return quoted + "'";
}

std::string render_shell(const Plan& plan) {
    std::string text;
    for (const auto& word : render(plan)) {
        text += (text.empty() ? "" : " \\\n    ") + shell_quote(word);
    }
    if (plan.pmi_fd) {
        text += " \\\n    3<&" + std::to_string(*plan.pmi_fd);
    }
    return text + "\n# PMI: " + printable_line(plan.pmi.reason) + "\n";
}

}  // namespace mpi_podman
