/// mpi-podman-hook: an OCI hook that gives a container the host's MPI in the place of its own.
///
/// What a hook can do, seen with podman 4.3.1 and crun 1.8.1, rootless, with and without keep-id:
///   createContainer  runs in the container's user, mount and pid namespaces, as root there with all
///   capabilities,
///                    when everything is mounted and before pivot_root(2): the host's files are at their own
///                    paths, the container's below root.path. What it mounts there the container sees. The
///                    state has pid 0.
///   prestart         runs in podman's own user and mount namespaces, before the container's root is made
///                    read-only. What it mounts there the container does not see: it must enter those of the
///                    state's pid first, which it may.
///   Both are given the environment of the hook configuration alone, the bundle as working directory, the
///   state on a pipe, and /dev/null as stdout and stderr: their words are only kept where the annotation
///   run.oci.hooks.stderr names a file. Podman then says "error executing hook `PATH` (exit code: 1)" and
///   ends with 126.
#include <fcntl.h>
#include <sched.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <string_view>

#include "hook/container.hpp"
#include "hook/plan.hpp"
#include "hook/refresh.hpp"
#include "hook/root.hpp"
#include "sys/fd.hpp"

namespace mpi_podman {
namespace {

std::string read_stdin() {
    std::string text;
    std::array<char, 4096> bytes{};
    for (auto got = read_some(STDIN_FILENO, bytes.data(), bytes.size()); got > 0;
         got = read_some(STDIN_FILENO, bytes.data(), bytes.size())) {
        text.append(bytes.data(), static_cast<std::size_t>(got));
    }
    return text;
}

/// A linux namespace of a process that is not ours; empty where it is ours.
Result<Fd> other_namespace(pid_t pid, const std::string& name) {
    Fd theirs(::open(("/proc/" + std::to_string(pid) + "/ns/" + name).c_str(), O_RDONLY | O_CLOEXEC));
    struct stat of_theirs {};
    struct stat ours {};
    if (!theirs || ::fstat(theirs.get(), &of_theirs) != 0 ||
        ::stat(("/proc/self/ns/" + name).c_str(), &ours) != 0) {
        return failure(Status::ours,
                       "the container's " + name + " namespace cannot be opened: " + errno_text(),
                       R"(have the hook called at the stage "createContainer")");
    }
    return of_theirs.st_ino == ours.st_ino ? Fd() : std::move(theirs);
}

/// At the stage "prestart" the hook is in the runtime's linux namespaces, and what it mounts there the
/// container does not see: `pid` is whose it enters. At "createContainer" it is in the container's already.
/// Both are opened before either is entered: from within the user namespace the other may be out of reach.
Result<void> enter_container(pid_t pid) {
    if (pid <= 0) {
        return {};
    }
    return other_namespace(pid, "user").and_then([&](const Fd& user) {
        return other_namespace(pid, "mnt").and_then([&](const Fd& mount) -> Result<void> {
            if (mount && ((user && ::setns(user.get(), CLONE_NEWUSER) != 0) ||
                          ::setns(mount.get(), CLONE_NEWNS) != 0)) {
                return failure(Status::ours, "the container's namespaces cannot be entered: " + errno_text(),
                               R"(have the hook called at the stage "createContainer")");
            }
            return {};
        });
    });
}

Result<void> act(const HookPlan& plan, const Root& root) {
    for (const auto& mount : plan.mounts) {
        if (auto done = root.mount(mount); !done) {
            return done;
        }
    }
    for (const auto& link : plan.links) {
        if (auto done = root.link(link); !done) {
            return done;
        }
    }
    return {};
}

/// One line. Names come from images: of what a terminal would obey nothing is left.
void say(const std::string& what, const std::string& what_to_do) {
    auto line = "mpi-podman-hook: " + what + (what_to_do.empty() ? "" : "; ") + what_to_do;
    std::ranges::replace_if(
        line, [](char c) { return c < ' ' || c > '~'; }, '?');
    write_all(STDERR_FILENO, line + "\n");
}

Result<HookPlan> decide(const Contract& contract, const std::string& root) {
    const Rootfs container({root});
    return look_for_hook(contract, Rootfs::host(), container).and_then([&](const HookFacts& facts) {
        return plan_hook(contract, facts).and_then([&](const HookPlan& plan) {
            return prove(plan, facts, container).map([&] { return plan; });
        });
    });
}

Result<HookPlan> serve(const Contract& contract, const ContainerState& state) {
    const auto config = read_file(state.bundle + "/config.json").and_then([&](const std::string& json) {
        return container_config(json, state.bundle);
    });
    if (!config) {
        return failure(config.error());
    }
    const auto root =
        enter_container(state.pid).and_then([&] { return Root::open(config->root, config->tmpfs); });
    if (!root) {
        return failure(root.error());
    }
    return decide(contract, config->root).and_then([&](const HookPlan& plan) {
        return act(plan, *root)
            .and_then([&] { return refresh_loader_cache(*root, contract.ldconfig, state.bundle); })
            .map([&] { return plan; });
    });
}

int main_of(const char* const* environment) {
    const auto contract = contract_from(environment_from(environment));
    const auto plan = contract.and_then([](const Contract& known) {
        return container_state(read_stdin()).and_then([&](const ContainerState& state) {
            return serve(known, state);
        });
    });
    if (!plan) {
        say(plan.error().message, plan.error().hint);
        return 1;
    }
    for (const auto& [outcome, what, why, remedy] : plan->caveats) {
        say(what + (why.empty() ? "" : ": ") + why, remedy);
    }
    return 0;
}

}  // namespace
}  // namespace mpi_podman

int main() {
    mpi_podman::fill_closed_streams();
    return mpi_podman::main_of(environ);
}
