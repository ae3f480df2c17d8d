#include "check/known_image.hpp"

#include <array>
#include <filesystem>

#include "abi/kept_file.hpp"
#include "check/launchers.hpp"
#include "inspect/node.hpp"

namespace mpi_podman {
namespace {

namespace fs = std::filesystem;

/// What podman, containers/storage, containers/common and containers/image look at to find their files.
constexpr std::array<std::string_view, 12> variables{"HOME",
                                                     "PATH",
                                                     "XDG_DATA_HOME",
                                                     "XDG_CONFIG_HOME",
                                                     "XDG_RUNTIME_DIR",
                                                     "CONTAINERS_CONF",
                                                     "CONTAINERS_CONF_OVERRIDE",
                                                     "CONTAINERS_STORAGE_CONF",
                                                     "STORAGE_OPTS",
                                                     "STORAGE_DRIVER",
                                                     "CONTAINERS_REGISTRIES_CONF",
                                                     "CONTAINER_HOST"};

std::string text(const Environment& environment, std::string_view name) {
    return std::string(lookup(environment, name).value_or(""));
}

std::string key_of(const Options& options, const Environment& environment) {
    auto key = "podman's image " + options.image + "\n" + options.podman + "\n";
    for (const auto name : variables) {
        key += text(environment, name) + "\n";
    }
    return key;
}

/// containers/storage's list of images, which changes with them, beside a layer: GRAPHROOT/overlay/ID/diff.
std::string list_beside(const fs::path& layer) {
    return (layer.parent_path().parent_path().parent_path() / "overlay-images/images.json").string();
}

/// All that can make podman say something else.
std::vector<std::string> files_behind(const Options& options, const Environment& environment,
                                      const ImageFacts& image) {
    std::vector<std::string> files{list_beside(image.layers.front()), image.layers.front()};
    const auto home = text(environment, "HOME");
    const auto shared = text(environment, "XDG_DATA_HOME");
    const auto own = text(environment, "XDG_CONFIG_HOME");
    files.push_back((shared.empty() ? home + "/.local/share" : shared) +
                    "/containers/storage/overlay-images/images.json");
    for (const auto& directory : {(own.empty() ? home + "/.config" : own) + "/containers",
                                  std::string("/etc/containers"), std::string("/usr/share/containers")}) {
        for (const char* name : {"/storage.conf", "/registries.conf", "/registries.conf.d",
                                 "/containers.conf", "/containers.conf.d"}) {
            files.push_back(directory + name);
        }
    }
    files.push_back(program_in_path(environment, options.podman));
    std::erase_if(files, [](const std::string& file) { return !file.starts_with('/'); });
    return files;
}

}  // namespace

Result<ImageFacts> known_image(const Options& options, const Environment& environment,
                               const std::string& facts_cache) {
    const auto host = Rootfs::host();
    const auto key = key_of(options, environment);
    if (const auto kept = read_kept(facts_cache, key, host)) {
        if (auto image = from_json(*kept)) {
            return image;
        }
    }
    auto image = look_at_image(options);
    if (!image) {
        return image;
    }
    if (image->id.empty()) {
        return failure(Status::ours, "image " + options.image + " is not on this node",
                       "check the name (podman images), or pull it: podman pull " + options.image);
    }
    if (image->layers.empty()) {
        return image;
    }
    // Asked again behind the states: what changed in between would be kept for ever.
    const auto states = states_of(host, files_behind(options, environment, *image));
    auto again = look_at_image(options);
    if (again && *again == *image) {
        keep(facts_cache, key, states, to_json(image));
    }
    return image;
}

}  // namespace mpi_podman
