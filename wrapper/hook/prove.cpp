#include <algorithm>

#include "abi/command_facts.hpp"
#include "abi/mpi_family.hpp"
#include "abi/release.hpp"
#include "elf/closure.hpp"
#include "hook/plan.hpp"

namespace mpi_podman {
namespace {

/// The container as it will be. A link shows what is mounted where it leads.
void show(const HookPlan& plan, Rootfs& container) {
    for (const auto& mount : plan.mounts) {
        container.mount(mount.target, mount.source);
    }
    for (const auto& link : plan.links) {
        const auto at = std::ranges::find(plan.mounts, link.target, &HookMount::target);
        if (at != plan.mounts.end()) {
            container.mount(link.path, at->source);
        }
    }
}

/// Where the container will have the host's C library of MPI: that which programs load. Others of MPI_LIBS,
/// as for C++, may be there for nobody.
std::vector<std::string> places_of_libmpi(const HookPlan& plan, const HookFacts& facts) {
    std::vector<std::string> places;
    for (const auto& mount : plan.mounts) {
        const auto named = std::ranges::find_if(facts.mpi, [&](const NamedLibrary& one) {
            const auto name =
                mpi_name(one.library.soname) ? mpi_name(one.library.soname) : mpi_name(one.name());
            return one.library.file == mount.source && name && name->binding == MpiBinding::c;
        });
        if (named != facts.mpi.end()) {
            places.push_back(mount.target);
        }
    }
    return places;
}

CommandFacts loaded(const Rootfs& container, const std::string& path, Closure closure) {
    CommandFacts facts;
    facts.state = CommandState::runs;
    facts.asked = facts.path = facts.program = path;
    for (const auto& object : closure.objects) {
        facts.libraries.push_back(
            {library_from(container, object.path, object.elf), object.name, object.needed_by, object.by});
    }
    facts.missing = std::move(closure.missing);
    facts.unmet = std::move(closure.unmet);
    return facts;
}

RootFacts facts_of(const Rootfs& container, const SearchRules& rules, const Closure& closure) {
    RootFacts facts;
    facts.architecture = rules.architecture;
    facts.libc = rules.libc;
    const auto* libc = closure.find("libc.so.6");
    facts.libc_release = libc == nullptr ? std::string{} : glibc_release(container, libc->path);
    return facts;
}

}  // namespace

Result<void> prove(const HookPlan& plan, const HookFacts& facts, Rootfs container) {
    show(plan, container);
    const auto rules = search_rules(container, "", "", "/");
    for (const auto& path : places_of_libmpi(plan, facts)) {
        auto closure = load(container, rules, {path});
        if (!closure) {
            return failure(closure.error());
        }
        const auto root = facts_of(container, rules, *closure);
        const auto command = loaded(container, path, std::move(*closure));
        const auto verdict = judge(Strategy::image, {.image = &root, .command = &command});
        if (verdict.outcome == Outcome::cannot) {
            const auto& first = verdict.reasons.front();
            return failure(
                Status::ours,
                "the host's MPI cannot be loaded in the container: " + first.what +
                    (first.why.empty() ? "" : "; ") + first.why,
                command.missing.empty()
                    ? "use the image's own MPI, or an image as new as the host"
                    : "add it to MPI_DEPENDENCY_LIBS of the hook's configuration, or to the image");
        }
    }
    return {};
}

}  // namespace mpi_podman
