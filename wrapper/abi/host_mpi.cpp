#include "abi/host_mpi.hpp"

#include <algorithm>
#include <array>
#include <set>

namespace mpi_podman {
namespace {

/// Where openers look for their plugins, from the directory that their file is in; a star stands for the rest
/// of one name.
struct PluginPlace {
    std::string_view opener, directory, beginning;
};
constexpr std::array plugin_places{
    PluginPlace{"libmpi", "openmpi", "mca_"},
    PluginPlace{"libmpi", "openmpi/lib/openmpi*", "mca_"},  // Debian
    PluginPlace{"libpmix", "pmix", ""},
    PluginPlace{"libprrte", "prte", ""},
    PluginPlace{"libucs", "ucx", "lib"},
    PluginPlace{"libfabric", "libfabric", ""},
    PluginPlace{"libibverbs", "libibverbs", ""},
};

/// The directories that a place means below this one.
std::vector<std::string> matching(const Rootfs& root, const std::string& base, std::string_view place) {
    const auto star = place.find('*');
    if (star == std::string_view::npos) {
        return {base + "/" + std::string(place)};
    }
    const auto slash = place.rfind('/');
    const auto parent = base + "/" + std::string(place.substr(0, slash));
    const auto beginning = place.substr(slash + 1, star - slash - 1);
    std::vector<std::string> directories;
    for (const auto& name : root.names_in(parent)) {
        if (name.starts_with(beginning)) {
            directories.push_back(parent + "/" + name);
        }
    }
    return directories;
}

/// "mca_btl_tcp.so", "libuct_cma.so.0".
bool is_object(std::string_view name) {
    const auto at = name.rfind(".so");
    return at != std::string_view::npos &&
           name.find_first_not_of(".0123456789", at + 3) == std::string_view::npos;
}

std::vector<std::string> objects_in(const Rootfs& root, const std::string& directory,
                                    std::string_view beginning) {
    std::vector<std::string> objects;
    for (const auto& name : root.names_in(directory)) {
        if (name.starts_with(beginning) && is_object(name)) {
            objects.push_back(directory + "/" + name);
        }
    }
    return objects;
}

void add_plugins(const Rootfs& root, const LoadedObject& object, std::vector<PluginDirectory>& found) {
    const auto stem = stem_of(object.elf.soname);
    for (const auto& place : plugin_places) {
        if (place.opener != stem) {
            continue;
        }
        for (const auto& directory : matching(root, directory_of(object.file), place.directory)) {
            const auto real = root.resolve(directory);
            auto plugins = real ? objects_in(root, *real, place.beginning) : std::vector<std::string>{};
            if (!plugins.empty() && std::ranges::find(found, *real, &PluginDirectory::path) == found.end()) {
                found.push_back({*real, std::string(place.opener), std::move(plugins)});
            }
        }
    }
}

/// Those of `paths` that can be read: the others cannot be opened on the host either.
std::vector<std::string> readable(const Rootfs& root, std::vector<std::string> paths) {
    std::erase_if(paths, [&](const std::string& path) { return !read_library(root, path); });
    return paths;
}

/// The loader itself is there before anything is looked for, wherever it is.
std::optional<Library> counterpart(const Rootfs& image, const SearchRules& rules, const std::string& name) {
    if (rules.interpreter.ends_with("/" + name)) {
        return read_library(image, rules.interpreter);
    }
    const auto at = find_library(image, rules, name);
    return at ? read_library(image, at->path) : std::nullopt;
}

UsedLibrary used(const Rootfs& root, const LoadedObject& object) {
    return {library_from(root, object.path, object.elf), object.name, object.needed_by, object.by};
}

}  // namespace

HostMpi host_mpi(const Rootfs& host, const Places& places, const RootFacts& facts,
                 const MpiInstallation& mpi) {
    HostMpi all;
    all.mpi = mpi;
    all.architecture = facts.architecture;
    all.libc = facts.libc;
    all.libc_release = facts.libc_release;
    const auto rules = search_rules(host, facts.interpreter, places.library_path, places.cwd);
    std::vector<std::string> paths{mpi.libmpi.path};
    for (const auto& other : mpi.others) {
        paths.push_back(other.path);
    }
    const auto least = load(host, rules, {mpi.libmpi.path}).value_or(Closure{});
    all.missing = least.missing;
    all.unmet = least.unmet;
    const auto core = load(host, rules, paths).value_or(Closure{});
    std::set<std::string> known;
    for (const auto& object : core.objects) {
        all.libraries.push_back(used(host, object));
        known.insert(object.file);
        add_plugins(host, object, all.plugin_directories);
    }
    for (std::size_t i = 0; i < all.plugin_directories.size(); ++i) {  // plugins have openers among their own
        auto more = readable(host, all.plugin_directories[i].plugins);
        more.insert(more.begin(), paths.begin(), paths.end());
        for (const auto& object : load(host, rules, more).value_or(Closure{}).objects) {
            if (known.insert(object.file).second) {
                all.plugin_libraries.push_back(used(host, object));
                add_plugins(host, object, all.plugin_directories);
            }
        }
    }
    return all;
}

std::vector<Library> counterparts(const Rootfs& image, const Places& places, const HostMpi& host) {
    const auto rules = search_rules(image, "", places.library_path, places.cwd);
    std::vector<Library> found;
    std::set<std::string> asked;
    for (const auto* group : {&host.libraries, &host.plugin_libraries}) {
        for (const auto& used : *group) {
            const auto& name = used.library.soname;
            auto library = asked.insert(name).second ? counterpart(image, rules, name) : std::nullopt;
            if (library) {
                found.push_back(std::move(*library));
            }
        }
    }
    return found;
}

}  // namespace mpi_podman
