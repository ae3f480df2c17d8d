#include "abi/facts_cache.hpp"

#include "abi/facts_json.hpp"
#include "abi/kept_file.hpp"
#include "abi/library_directories.hpp"

namespace mpi_podman {
namespace {

/// What is part of a key stands behind its length: no two keys are the same by accident.
std::string part(const std::string& text) { return std::to_string(text.size()) + ":" + text; }

std::string key_of(const Places& places) {
    auto key = part(places.path) + part(places.library_path) + part(places.cwd);
    for (const auto& prefix : places.prefixes) {
        key += part(prefix);
    }
    return key;
}

/// How things are in the loader's own places.
std::vector<std::string> loaders_files(const RootFacts& facts) {
    return {facts.interpreter, "/etc/ld.so.cache"};
}

std::vector<std::string> files_behind(const Rootfs& host, const Places& places, const RootFacts& facts) {
    auto files = loaders_files(facts);
    const auto parents = parents_of_library_directories(host, places);
    files.insert(files.end(), parents.begin(), parents.end());
    files.insert(files.end(), facts.directories.begin(), facts.directories.end());
    for (const auto& mpi : facts.mpis) {
        files.push_back(mpi.libmpi.path);
        for (const auto& other : mpi.others) {
            files.push_back(other.path);
        }
    }
    for (const auto* group : {&facts.pmi, &facts.transports}) {
        for (const auto& released : *group) {
            files.push_back(released.library.path);
        }
    }
    return files;
}

std::vector<std::string> files_behind(const RootFacts& facts, const HostMpi& mpi) {
    auto files = loaders_files(facts);
    files.insert(files.end(), facts.directories.begin(), facts.directories.end());
    for (const auto* group : {&mpi.libraries, &mpi.plugin_libraries}) {
        for (const auto& used : *group) {
            files.push_back(used.library.path);
        }
    }
    for (const auto& directory : mpi.plugin_directories) {
        files.push_back(directory.path);
    }
    return files;
}

}  // namespace

RootFacts FactsCache::of_image(const std::string& id, const Rootfs& image, const Places& places) const {
    const auto key = "image " + part(id) + key_of(places);
    const auto kept = read_kept(directory_, key, image);
    auto facts = kept ? root_facts_from(*kept) : std::nullopt;
    if (!facts) {
        facts = root_facts(image, places);
        keep(directory_, key, {}, json_of(*facts));  // its layers never change
    }
    return std::move(*facts);
}

RootFacts FactsCache::of_host(const Rootfs& host, const Places& places) const {
    const auto key = "host " + key_of(places);
    const auto kept = read_kept(directory_, key, host);
    auto facts = kept ? root_facts_from(*kept) : std::nullopt;
    if (!facts) {
        facts = root_facts(host, places);
        keep(directory_, key, states_of(host, files_behind(host, places, *facts)), json_of(*facts));
    }
    return std::move(*facts);
}

HostMpi FactsCache::of_host_mpi(const Rootfs& host, const Places& places, const RootFacts& facts,
                                const MpiInstallation& mpi) const {
    const auto key = "host-mpi " + part(mpi.libmpi.path) + key_of(places);
    const auto kept = read_kept(directory_, key, host);
    auto found = kept ? host_mpi_from(*kept) : std::nullopt;
    if (!found) {
        found = host_mpi(host, places, facts, mpi);
        keep(directory_, key, states_of(host, files_behind(facts, *found)), json_of(*found));
    }
    return std::move(*found);
}

std::vector<Library> FactsCache::of_counterparts(const std::string& id, const Rootfs& image,
                                                 const Places& places, const HostMpi& host) const {
    auto key = "counterparts " + part(id) + key_of(places);
    for (const auto* group : {&host.libraries, &host.plugin_libraries}) {
        for (const auto& used : *group) {
            key += " " + used.library.soname;
        }
    }
    const auto kept = read_kept(directory_, key, image);
    auto found = kept ? libraries_from(*kept) : std::nullopt;
    if (!found) {
        found = counterparts(image, places, host);
        keep(directory_, key, {}, json_of(*found));
    }
    return std::move(*found);
}

}  // namespace mpi_podman
