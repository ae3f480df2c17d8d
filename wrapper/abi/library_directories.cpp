#include "abi/library_directories.hpp"

#include <algorithm>
#include <array>
#include <set>

namespace mpi_podman {
namespace {

/// What distributions use beside the loader's own directories.
constexpr std::array<std::string_view, 10> known_places{
    "/usr/local/lib",
    "/usr/local/lib64",
    "/usr/lib",
    "/usr/lib64",
    "/usr/lib64/openmpi/lib",
    "/usr/lib64/mpich/lib",  // Fedora
    "/usr/lib64/mpi/gcc/openmpi4/lib64",
    "/usr/lib64/mpi/gcc/openmpi5/lib64",  // openSUSE
    "/usr/lib64/mpi/gcc/mpich/lib64",
    "/usr/lib64/mpi/gcc/mvapich2/lib64",
};
/// Below these, directories named by product, and by version below that, hold a lib each.
constexpr std::array<std::string_view, 3> installed_by_hand{"/opt", "/usr/local", "/usr/lib64/mpi/gcc"};
constexpr std::size_t most_directories = 1024;

class Collect {
public:
    explicit Collect(const Rootfs& root) : root_(&root) {}

    void add(const std::string& directory) {
        const auto real = directory.starts_with('/') ? root_->resolve(directory) : std::nullopt;
        if (real && directories_.size() < most_directories && root_->is_directory(*real) &&
            seen_.insert(*real).second) {
            directories_.push_back(*real);
        }
    }
    void add_libs_of(const std::string& prefix) {
        for (const char* lib : {"/lib", "/lib64", "/lib/release"}) {  // the last is Intel MPI's
            add(prefix + lib);
        }
    }
    std::vector<std::string> take() { return std::move(directories_); }

private:
    const Rootfs* root_;
    std::set<std::string> seen_;
    std::vector<std::string> directories_;
};

void add_loaders(Collect& collect, const SearchRules& rules) {
    for (const auto& directory : rules.library_path) {
        collect.add(directory);
    }
    std::set<std::string> cached;
    for (const auto& entry : rules.cache.entries) {
        auto directory = entry.path.substr(0, entry.path.rfind('/'));
        if (entry.hwcaps.empty() && entry.legacy_hwcap == 0 && cached.insert(directory).second) {
            collect.add(directory);
        }
    }
    for (const auto& directory : rules.default_directories) {
        collect.add(directory);
    }
}

void add_installed_by_hand(Collect& collect, const Rootfs& root) {
    for (const auto above : installed_by_hand) {
        for (const auto& product : root.names_in(above)) {
            const auto prefix = std::string(above) + "/" + product;
            collect.add_libs_of(prefix);
            for (const auto& version : root.names_in(prefix)) {
                collect.add_libs_of(prefix + "/" + version);
            }
        }
    }
}

}  // namespace

std::vector<std::string> library_directories(const Rootfs& root, const SearchRules& rules,
                                             const Places& places) {
    Collect collect(root);
    for (const auto& prefix : places.prefixes) {
        collect.add(prefix);
        collect.add_libs_of(prefix);
    }
    add_loaders(collect, rules);
    for (const auto& directory : parts_of_path(places.path, places.cwd)) {
        collect.add_libs_of(directory.substr(0, directory.rfind('/')));
    }
    for (const auto place : known_places) {
        collect.add(std::string(place));
    }
    add_installed_by_hand(collect, root);
    return collect.take();
}

std::vector<std::string> parents_of_library_directories(const Rootfs& root, const Places& places) {
    std::vector<std::string> parents = places.prefixes;
    for (const auto& path : {places.library_path, places.path}) {
        const auto parts = parts_of_path(path, places.cwd);
        parents.insert(parents.end(), parts.begin(), parts.end());
    }
    for (const auto above : installed_by_hand) {
        parents.emplace_back(above);
        for (const auto& product : root.names_in(above)) {
            parents.push_back(std::string(above) + "/" + product);
        }
    }
    return parents;
}

}  // namespace mpi_podman
