#include "abi/placement.hpp"

#include <algorithm>
#include <array>

namespace mpi_podman {
namespace {

/// What talks to the host's launcher, kernel drivers and devices.
constexpr std::array<std::string_view, 24> hosts_stems{
    "libopen-rte", "libopen-pal", "liboshmem", "libompitrace", "libmpl", "libopa",  "libpmi", "libpmi2",
    "libpmix",     "libprrte",    "libslurm",  "libucp",       "libuct", "libucs",  "libucm", "libfabric",
    "libibverbs",  "librdmacm",   "libmlx5",   "libmlx4",      "libefa", "libpsm2", "libcxi", "libxpmem"};

template <typename Stems>
bool is_among(const Stems& stems, std::string_view soname) {
    return std::ranges::find(stems, stem_of(soname)) != stems.end();
}

bool is_hosts_own(std::string_view soname) {
    return mpi_name(soname) || is_among(hosts_stems, soname) || soname.starts_with("libmca_common_");
}

std::vector<const UsedLibrary*> all_of(const HostMpi& host) {
    std::vector<const UsedLibrary*> all;
    for (const auto* group : {&host.libraries, &host.plugin_libraries}) {
        for (const auto& used : *group) {
            all.push_back(&used);
        }
    }
    return all;
}

/// The first version that some library of the host needs of this one and the image's lacks; empty: it will
/// do.
std::string first_lacking(const HostMpi& host, const Library& counterpart) {
    for (const auto* used : all_of(host)) {
        const auto lacking =
            versions_lacking(used->library, counterpart.soname, counterpart.version_definitions);
        if (!lacking.empty()) {
            return lacking.front();
        }
    }
    return {};
}

void decide_by_version(const HostMpi& host, const Library& counterpart, Placement& placement) {
    const auto& ours = placement.host.library;
    if (!ours.version_definitions.empty() && !counterpart.version_definitions.empty()) {
        const auto lacking = first_lacking(host, counterpart);
        placement.keeper = lacking.empty() ? Keeper::image : Keeper::host;
        placement.reason = lacking.empty() ? "the image's has every version that is needed"
                                           : "the image's has no " + lacking;
        return;
    }
    const bool known = ours.version.size() > 1 && counterpart.version.size() > 1;
    placement.keeper = known && counterpart.version >= ours.version ? Keeper::image : Keeper::host;
    placement.reason =
        "the image's is " + to_string(counterpart.version) + ", the host's " + to_string(ours.version);
}

Placement place(const HostMpi& host, const UsedLibrary& used, const std::vector<Library>& counterparts,
                LibcFrom libc) {
    Placement placement{used.library.soname, Keeper::host, "the image has none", used, false};
    const auto counterpart = std::ranges::find(counterparts, placement.soname, &Library::soname);
    if (is_part_of_libc(placement.soname)) {
        placement.keeper = libc == LibcFrom::image ? Keeper::image : Keeper::host;
        placement.reason = "a part of the C library";
    } else if (is_hosts_own(placement.soname)) {
        placement.reason = "a part of the host's MPI and its transports";
    } else if (counterpart != counterparts.end()) {
        decide_by_version(host, *counterpart, placement);
    }
    return placement;
}

}  // namespace

bool is_part_of_libc(std::string_view soname) {
    return std::ranges::find(libc_parts, stem_of(soname), stem_of) != libc_parts.end() ||
           soname.starts_with("ld-linux") || soname.starts_with("ld64.so");
}

std::vector<std::string> versions_lacking(const Library& needing, const std::string& library,
                                          const std::vector<std::string>& definitions) {
    std::vector<std::string> lacking;
    for (const auto& need : needing.version_needs) {
        if (need.library == library && !need.weak && !definitions.empty() &&
            std::ranges::find(definitions, need.version) == definitions.end()) {
            lacking.push_back(need.version);
        }
    }
    return lacking;
}

std::vector<Placement> place_libraries(const HostMpi& host, const std::vector<Library>& counterparts,
                                       LibcFrom libc) {
    std::vector<Placement> placements;
    for (const auto& used : host.libraries) {
        placements.push_back(place(host, used, counterparts, libc));
    }
    const auto is_plugin = [&](const UsedLibrary& used) {
        return std::ranges::any_of(host.plugin_directories, [&](const PluginDirectory& directory) {
            return used.library.file.starts_with(directory.path + "/");
        });
    };
    for (const auto& used : host.plugin_libraries) {
        if (!is_plugin(used)) {  // plugins go with their directory
            placements.push_back(place(host, used, counterparts, libc));
            placements.back().for_plugins_only = true;
        }
    }
    return placements;
}

}  // namespace mpi_podman
