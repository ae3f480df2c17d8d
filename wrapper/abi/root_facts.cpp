#include "abi/root_facts.hpp"

#include <algorithm>
#include <array>
#include <map>
#include <set>

#include "abi/library_directories.hpp"
#include "abi/release.hpp"

namespace mpi_podman {
namespace {

constexpr std::array<std::string_view, 3> pmi_stems{"libpmi", "libpmi2", "libpmix"};
constexpr std::array<std::string_view, 6> transport_stems{"libucp",  "libfabric", "libibverbs",
                                                          "libpsm2", "libcxi",    "libxpmem"};

/// A name that programs are linked with: one number behind ".so.".
bool is_soname(std::string_view name) {
    const auto at = name.find(".so.");
    return at != std::string_view::npos && abi_version_from(name.substr(at + 4)).size() == 1 &&
           name.find('.', at + 4) == std::string_view::npos;
}

template <typename Stems>
bool has_stem(const Stems& stems, std::string_view name) {
    return std::ranges::find(stems, stem_of(name)) != stems.end();
}

class Gather {
public:
    Gather(const Rootfs& root, const SearchRules& rules, RootFacts& facts)
        : root_(&root), rules_(&rules), facts_(&facts) {}

    void directory(const std::string& directory) {
        std::vector<MpiInstallation> mpis;
        std::vector<std::pair<MpiFamily, Library>> others;
        for (const auto& name : root_->names_in(directory)) {
            if (!is_soname(name)) {
                continue;
            }
            const auto path = directory + "/" + name;
            if (const auto mpi = mpi_name(name)) {
                mpi_library(mpis, others, path, *mpi);
            } else if (has_stem(pmi_stems, name)) {
                released(facts_->pmi, path);
            } else if (has_stem(transport_stems, name)) {
                released(facts_->transports, path);
            }
        }
        for (auto& mpi : mpis) {
            for (const auto& [family, library] : others) {
                if (family == mpi.family) {
                    mpi.others.push_back(library);
                }
            }
            facts_->mpis.push_back(std::move(mpi));
        }
    }

private:
    /// The library at this path, if it is one of this architecture that was not met before.
    std::optional<Library> fresh(const std::string& path) {
        const auto file = root_->resolve(path);
        if (!file || seen_.contains(*file)) {
            return std::nullopt;
        }
        const auto elf = root_->open(path).and_then([](const Fd& opened) { return read_elf(opened.get()); });
        if (!elf || elf->kind != ElfKind::shared ||
            (rules_->architecture.machine != 0 && elf->architecture != rules_->architecture)) {
            return std::nullopt;
        }
        seen_.insert(*file);
        return library_from(*root_, path, *elf);
    }

    [[nodiscard]] bool loader_finds(const std::string& path) const {
        const auto found = find_library(*root_, *rules_, path.substr(path.rfind('/') + 1));
        return found && root_->resolve(found->path) == root_->resolve(path);
    }

    void released(std::vector<ReleasedLibrary>& into, const std::string& path) {
        if (auto library = fresh(path)) {
            auto release = release_of(*root_, *library);
            into.push_back({std::move(*library), std::move(release), loader_finds(path)});
        }
    }

    void mpi_library(std::vector<MpiInstallation>& mpis, std::vector<std::pair<MpiFamily, Library>>& others,
                     const std::string& path, const MpiName& name) {
        const auto file = root_->resolve(path);
        const auto known = std::ranges::find_if(
            mpis, [&](const MpiInstallation& mpi) { return file && mpi.libmpi.file == *file; });
        if (known != mpis.end()) {
            known->names.push_back(path.substr(path.rfind('/') + 1));
            known->found_by_loader = known->found_by_loader || loader_finds(path);
        } else if (auto library = fresh(path)) {
            if (name.binding == MpiBinding::c || name.binding == MpiBinding::standard_abi) {
                mpis.push_back(installation(path, name.family, std::move(*library)));
            } else {
                others.emplace_back(name.family, std::move(*library));
            }
        }
    }

    [[nodiscard]] MpiInstallation installation(const std::string& path, MpiFamily family,
                                               Library library) const {
        MpiInstallation mpi;
        const auto file = root_->open(path);
        const auto constants = file ? constant_bytes(file->get()).value_or(std::vector<std::string>{})
                                    : std::vector<std::string>{};
        // Open MPI 1.10 has MPICH's library name.
        if (family == MpiFamily::mpich && stem_of(library.soname) == "libmpi" && file &&
            !defined_among(file->get(), {"ompi_mpi_comm_world"}).value_or(Names{}).empty()) {
            family = MpiFamily::open_mpi;
        }
        mpi.family = family;
        mpi.vendor = mpi_vendor(constants);
        mpi.release = mpi_release(constants, family, library.version);
        mpi.names.push_back(path.substr(path.rfind('/') + 1));
        mpi.found_by_loader = loader_finds(path);
        mpi.libmpi = std::move(library);
        return mpi;
    }

    const Rootfs* root_;
    const SearchRules* rules_;
    RootFacts* facts_;
    std::set<std::string> seen_;
};

std::string libc_release(const Rootfs& root, const SearchRules& rules) {
    if (rules.libc == LibcFamily::musl) {
        return musl_release(root, rules.interpreter);
    }
    const auto found =
        rules.libc == LibcFamily::glibc ? find_library(root, rules, "libc.so.6") : std::nullopt;
    return found ? glibc_release(root, found->path) : std::string{};
}

}  // namespace

Places places_of(const std::vector<std::string>& environment, const std::string& cwd) {
    Places places;
    places.cwd = cwd;
    for (const auto& entry : environment) {
        if (entry.starts_with("PATH=")) {
            places.path = entry.substr(entry.find('=') + 1);
        } else if (entry.starts_with("LD_LIBRARY_PATH=")) {
            places.library_path = entry.substr(entry.find('=') + 1);
        }
    }
    return places;
}

RootFacts root_facts(const Rootfs& root, const Places& places) {
    const auto rules = search_rules(root, "", places.library_path, places.cwd);
    RootFacts facts;
    facts.architecture = rules.architecture;
    facts.libc = rules.libc;
    facts.libc_release = libc_release(root, rules);
    facts.interpreter = rules.interpreter;
    facts.library_path = rules.library_path;
    facts.default_directories = rules.default_directories;
    facts.has_cache = !rules.cache.entries.empty();
    facts.cache_problem = rules.cache_problem;
    facts.directories = library_directories(root, rules, places);
    Gather gather(root, rules, facts);
    for (const auto& directory : facts.directories) {
        gather.directory(directory);
    }
    std::stable_partition(facts.mpis.begin(), facts.mpis.end(),
                          [](const MpiInstallation& mpi) { return mpi.found_by_loader; });
    return facts;
}

}  // namespace mpi_podman
