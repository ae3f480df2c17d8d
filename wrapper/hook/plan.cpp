#include "hook/plan.hpp"

#include <algorithm>
#include <array>
#include <optional>

#include "abi/mpi_family.hpp"
#include "abi/placement.hpp"
#include "sys/text.hpp"

namespace mpi_podman {
namespace {

using Libraries = std::vector<const Library*>;

MpiFamily family_of(const std::string& soname, const std::string& name) {
    const auto known = mpi_name(soname) ? mpi_name(soname) : mpi_name(name);
    return known ? known->family : MpiFamily::none;
}

bool is_foreign(const NamedLibrary& hosts, const Library& containers) {
    const auto ours = family_of(hosts.library.soname, hosts.name());
    const auto theirs = family_of(containers.soname, std::string(name_in(containers.path)));
    return ours != MpiFamily::none && theirs != MpiFamily::none && ours != theirs;
}

/// Of several of the host's that share a name with it, the one whose own name it has.
const NamedLibrary* hosts_for(const std::vector<NamedLibrary>& all, const Library& containers) {
    const NamedLibrary* found = nullptr;
    for (const auto& named : all) {
        const bool exact = stem_of(named.name()) == stem_of(name_in(containers.path));
        if (is_counterpart(named, containers) && !is_foreign(named, containers) &&
            (found == nullptr || exact)) {
            found = &named;
        }
    }
    return found;
}

Libraries counterparts_of(const NamedLibrary& named, const std::vector<NamedLibrary>& group,
                          const std::vector<Library>& cached) {
    Libraries found;
    for (const auto& library : cached) {
        if (hosts_for(group, library) == &named) {
            found.push_back(&library);
        }
    }
    return found;
}

class Planning {
public:
    explicit Planning(const HookFacts& facts) : facts_(facts) {}

    void mount(const std::string& source, const std::string& target, bool read_only = true) {
        if (std::ranges::find(plan_.mounts, target, &HookMount::target) == plan_.mounts.end()) {
            plan_.mounts.push_back({source, target, read_only});
        }
    }
    void caveat(Reason reason) { plan_.caveats.push_back(std::move(reason)); }

    /// `beside`: those that stay as they are.
    void bring(const NamedLibrary& named, const Libraries& replaced, const Libraries& beside) {
        for (const auto* library : replaced) {
            mount(named.library.file, library->file);
        }
        const auto place = replaced.empty() ? new_place(named) : replaced.front()->file;
        mount(named.library.file, place);
        auto names = names_of(named);
        if (!beside.empty() && has_plain_name(names.front())) {
            names.erase(names.begin());
        }
        for (const auto* library : replaced) {
            names.push_back(library->soname);
            name_it(named, directory_of(library->file), named.library.soname, place);
        }
        for (const auto& directory : facts_.directories) {
            for (const auto& name : names) {
                name_it(named, directory, name, place);
            }
        }
    }
    HookPlan take() { return std::move(plan_); }

private:
    [[nodiscard]] bool has_plain_name(const std::string& name) const {
        return std::ranges::any_of(facts_.directories, [&](const std::string& directory) {
            return facts_.taken.contains(directory + "/" + name);
        });
    }

    /// A link is led elsewhere, a file is covered: nothing of the image's is removed. In a container that is
    /// read-only only what is there already has its name.
    void name_it(const NamedLibrary& named, const std::string& directory, const std::string& name,
                 const std::string& place) {
        const auto path = directory + "/" + name;
        const auto at = facts_.taken.find(path);
        const bool covered = std::ranges::any_of(plan_.mounts, [&](const HookMount& mount) {
            return mount.target == path || (at != facts_.taken.end() && mount.target == at->second.file);
        });
        const bool linked = std::ranges::find(plan_.links, path, &HookLink::path) != plan_.links.end();
        if (facts_.read_only || covered || linked || name.find('/') != std::string::npos ||
            (at != facts_.taken.end() && at->second.is == NameIs::directory)) {
            return;
        }
        if (at != facts_.taken.end() && at->second.is == NameIs::file) {
            mount(named.library.file, path);
        } else {
            plan_.links.push_back({path, place});
        }
    }
    /// In /usr/lib; by its file's own name where a link has the one that the site names.
    [[nodiscard]] std::string new_place(const NamedLibrary& named) const {
        const auto directory = facts_.directories.empty() ? "/usr/lib" : facts_.directories.front();
        const auto at = facts_.taken.find(directory + "/" + named.name());
        const bool is_link = at != facts_.taken.end() && at->second.is == NameIs::link;
        const auto& path = is_link ? named.library.file : named.path;
        return directory + path.substr(path.rfind('/'));
    }

    const HookFacts& facts_;
    HookPlan plan_;
};

/// What the container has instead, where it has none of these.
Result<void> refuse_without_counterpart(const HookFacts& facts) {
    for (const auto& library : facts.cached) {
        const auto name = mpi_name(library.soname);
        if (name && name->binding == MpiBinding::c) {
            const auto ours = family_of(facts.mpi.front().library.soname, facts.mpi.front().name());
            return failure(Status::ours,
                           "the container has " + library.soname + " of " +
                               std::string(name_of(name->family)) + ", the host's MPI_LIBS are " +
                               std::string(name_of(ours)) + ": they cannot stand for each other",
                           "choose the hook of that family (com.hooks.mpi.type), or the image's own MPI");
        }
    }
    return failure(Status::ours,
                   "no MPI library in the container's ld.so.cache" +
                       (facts.cache_problem.empty() ? "" : " (" + facts.cache_problem + ")"),
                   "install an MPI in the image and run ldconfig there, or leave the hook off");
}

Result<void> plan_mpi(const Contract& contract, const HookFacts& facts, Planning& planning) {
    std::vector<std::string> misfits;
    std::string remedy;
    bool any = false;
    for (const auto& named : facts.mpi) {
        if (named.library.version.empty()) {
            return failure(Status::ours, "MPI_LIBS names " + named.path + ", whose name has no ABI version",
                           "name it with its version, as libmpi.so.40");
        }
        const auto replaced = counterparts_of(named, facts.mpi, facts.cached);
        for (const auto* library : replaced) {
            any = true;
            auto reason = judge_version(named.library, *library, contract.check);
            if (reason && reason->outcome == Outcome::cannot) {
                misfits.push_back(library->path + ": " + reason->why);
                remedy = reason->remedy;
            } else if (reason) {
                planning.caveat(std::move(*reason));
            }
        }
        planning.bring(named, replaced, {});
    }
    if (!misfits.empty()) {
        return failure(Status::ours, "the host's MPI does not stand for the container's: " + joined(misfits),
                       remedy);
    }
    return any ? Result<void>{} : refuse_without_counterpart(facts);
}

/// Numbers that are not there are zeros here, as dependencies may have none.
bool is_as_new(const Library& hosts, const Library& containers) {
    return number_at(hosts.version, 0) == number_at(containers.version, 0) &&
           number_at(hosts.version, 1) >= number_at(containers.version, 1);
}

Result<void> plan_dependencies(const HookFacts& facts, Planning& planning) {
    for (const auto& named : facts.dependencies) {
        if (is_part_of_libc(named.library.soname)) {
            return failure(Status::ours,
                           "MPI_DEPENDENCY_LIBS names " + named.path +
                               ", a part of the C library, which works with its own loader only",
                           "leave it out of the hook's configuration");
        }
        Libraries replaced;
        Libraries beside;
        for (const auto* library : counterparts_of(named, facts.dependencies, facts.cached)) {
            (is_as_new(named.library, *library) ? replaced : beside).push_back(library);
        }
        planning.bring(named, replaced, beside);
    }
    return {};
}

void plan_bind_mounts(const Contract& contract, const HookFacts& facts, Planning& planning) {
    for (const auto& path : contract.bind_mounts) {
        planning.mount(path, path, false);
    }
    if (!facts.devices.empty() && !contract.rootless) {
        planning.caveat({Outcome::caveat,
                         joined(facts.devices) + " of BIND_MOUNTS may not be opened in the container",
                         "its devices cgroup is the runtime's, and this is not said to be rootless",
                         "add them with --device as well, or set HOOK_ROOTLESS=true"});
    }
}

}  // namespace

Result<HookPlan> plan_hook(const Contract& contract, const HookFacts& facts) {
    Planning planning(facts);
    return plan_mpi(contract, facts, planning)
        .and_then([&] { return plan_dependencies(facts, planning); })
        .map([&] {
            plan_bind_mounts(contract, facts, planning);
            return planning.take();
        });
}

}  // namespace mpi_podman
