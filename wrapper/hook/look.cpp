#include "hook/look.hpp"

#include <sys/stat.h>
#include <sys/statvfs.h>

#include <algorithm>
#include <array>
#include <set>

#include "abi/mpi_family.hpp"
#include "elf/search_rules.hpp"

namespace mpi_podman {
namespace {

template <typename Value>
void add_once(std::vector<Value>& all, Value value) {
    if (std::ranges::find(all, value) == all.end()) {
        all.push_back(std::move(value));
    }
}

tl::unexpected<Error> wrong(const char* variable, const std::string& path, const std::string& what) {
    return failure(Status::ours, std::string(variable) + " names " + path + ", which " + what,
                   "correct the hook's configuration on this node");
}

/// Some MPIs have a SONAME of another name than their files, by which programs are linked with them: then the
/// files' names count alone.
Library by_file_name(const Rootfs& host, const std::string& path, Library library) {
    if (stem_of(library.soname) != stem_of(name_in(path))) {
        library.version = version_of_library(host, library.file, std::string(name_in(path)));
    }
    return library;
}

Result<std::vector<NamedLibrary>> libraries_named(const Rootfs& host, const char* variable,
                                                  const std::vector<std::string>& paths) {
    std::vector<NamedLibrary> named;
    for (const auto& path : paths) {
        auto library = read_library(host, path);
        if (!library) {
            return wrong(variable, path, host.resolve(path) ? "is no library" : "is not there");
        }
        named.push_back({path, by_file_name(host, path, std::move(*library))});
    }
    return named;
}

bool matters(const HookFacts& facts, const Library& library) {
    const auto is_its = [&](const NamedLibrary& named) { return is_counterpart(named, library); };
    return mpi_name(library.soname) || std::ranges::any_of(facts.mpi, is_its) ||
           std::ranges::any_of(facts.dependencies, is_its);
}

/// An entry whose file is not there, or is no library, is passed over, as the loader does.
void look_at_cache(const Rootfs& container, HookFacts& facts) {
    const auto rules = search_rules(container, "", "", "/");
    facts.cache_problem = rules.libc == LibcFamily::musl ? "its C library is musl, which has none"
                          : rules.interpreter.empty()    ? "it has no C library"
                                                         : rules.cache_problem;
    std::set<std::string> files;
    for (const auto& entry : rules.cache.entries) {
        const Library by_name{entry.path, entry.path, entry.name, {}, {}, {}};
        if (!is_for(entry, rules.architecture) || !matters(facts, by_name) ||
            !files.insert(container.resolve(entry.path).value_or("")).second) {
            continue;
        }
        if (auto library = read_library(container, entry.path)) {
            facts.cached.push_back(by_file_name(container, entry.path, std::move(*library)));
        }
    }
}

void look_at_name(const Rootfs& container, const std::string& directory, const std::string& name,
                  HookFacts& facts) {
    const auto path = directory + "/" + name;
    const auto names = container.names_in(directory);
    if (!std::ranges::binary_search(names, name)) {
        return;
    }
    const auto file = container.resolve(path).value_or("");
    const auto is = file != path                   ? NameIs::link
                    : container.is_directory(path) ? NameIs::directory
                                                   : NameIs::file;
    facts.taken.emplace(path, TakenName{is, file});
}

void look_at_names(const Rootfs& container, HookFacts& facts) {
    for (const auto* group : {&facts.mpi, &facts.dependencies}) {
        for (const auto& named : *group) {
            auto names = names_of(named);
            auto directories = facts.directories;
            for (const auto& library : facts.cached) {
                if (is_counterpart(named, library)) {
                    add_once(names, library.soname);
                    add_once(directories, directory_of(library.file));
                }
            }
            for (const auto& directory : directories) {
                for (const auto& name : names) {
                    look_at_name(container, directory, name, facts);
                }
            }
        }
    }
}

bool is_read_only(const Rootfs& container) {
    struct statvfs info {};
    const auto at = container.host_path("/");
    return at && ::statvfs(at->c_str(), &info) == 0 && (info.f_flag & ST_RDONLY) != 0;
}

Result<std::vector<std::string>> devices_among(const Rootfs& host, const std::vector<std::string>& paths) {
    std::vector<std::string> devices;
    for (const auto& path : paths) {
        struct stat info {};
        const auto at = host.host_path(path);
        if (!at || ::stat(at->c_str(), &info) != 0) {
            return wrong("BIND_MOUNTS", path, "is not there");
        }
        if (S_ISCHR(info.st_mode) || S_ISBLK(info.st_mode)) {
            devices.push_back(path);
        }
    }
    return devices;
}

}  // namespace

std::vector<std::string> names_of(const NamedLibrary& named) {
    auto chain = std::string(stem_of(named.name())) + ".so";
    std::vector<std::string> names{chain};
    for (const auto number : named.library.version) {
        chain += "." + std::to_string(number);
        names.push_back(chain);
    }
    add_once(names, named.name());
    add_once(names, named.library.soname);
    add_once(names, shared_name(named.library.soname));
    return names;
}

bool is_counterpart(const NamedLibrary& hosts, const Library& containers) {
    return stem_of(hosts.name()) == stem_of(name_in(containers.path)) ||
           shared_name(hosts.library.soname) == shared_name(containers.soname);
}

Result<HookFacts> look_for_hook(const Contract& contract, const Rootfs& host, const Rootfs& container) {
    constexpr std::array directories{"/usr/lib", "/lib", "/lib64"};
    HookFacts facts;
    auto mpi = libraries_named(host, "MPI_LIBS", contract.mpi_libraries);
    auto dependencies = libraries_named(host, "MPI_DEPENDENCY_LIBS", contract.dependencies);
    auto devices = devices_among(host, contract.bind_mounts);
    if (!mpi || !dependencies || !devices) {
        return failure(!mpi ? mpi.error() : !dependencies ? dependencies.error() : devices.error());
    }
    facts.mpi = std::move(*mpi);
    facts.dependencies = std::move(*dependencies);
    facts.devices = std::move(*devices);
    facts.read_only = is_read_only(container);
    for (const auto* directory : directories) {
        if (auto real = container.resolve(directory); real && container.is_directory(*real)) {
            add_once(facts.directories, std::move(*real));
        }
    }
    look_at_cache(container, facts);
    look_at_names(container, facts);
    return facts;
}

}  // namespace mpi_podman
