#include "distribute/store_facts.hpp"
#include "sys/whole_json.hpp"

#include <algorithm>
#include <nlohmann/json.hpp>
#include <set>

namespace mpi_podman {
namespace {

using nlohmann::json;

constexpr std::string_view sha256 = "sha256:";

std::string hex_of(const std::string& digest) {
    return digest.starts_with(sha256) ? digest.substr(sha256.size()) : digest;
}

/// A list of strings that JSON may also hold as null or leave out.
std::vector<std::string> strings_in(const json& object, const char* key) {
    const auto at = object.find(key);
    return at == object.end() || at->is_null() ? std::vector<std::string>{}
                                               : at->get<std::vector<std::string>>();
}

std::vector<std::string> layers_of(const json& image) {
    auto layers = strings_in(image.value("RootFS", json::object()), "Layers");
    std::ranges::transform(layers, layers.begin(), hex_of);
    return layers;
}

/// An image in podman's store.
struct Stored {
    std::string id;
    std::vector<std::string> layers, names;
};

/// One of `podman image inspect`; nothing where it is described in another way.
std::optional<Stored> stored(const json& image) {
    try {
        return Stored{hex_of(image.at("Id").get<std::string>()), layers_of(image),
                      strings_in(image, "RepoTags")};
    } catch (const json::exception&) {
        return std::nullopt;
    }
}

/// Whether podman may have found an image of this name when asked for `typed`: short names lead to it, and a
/// name of Docker's registry alone, without a folder, means its folder library.
bool is_meant(const std::string& name, const std::string& typed) {
    constexpr std::string_view docker = "docker.io/";
    if (typed.starts_with(docker) && typed.find('/', docker.size()) == std::string::npos) {
        return is_meant(name, "docker.io/library/" + typed.substr(docker.size()));
    }
    return name == typed || name == typed + ":latest" || name.ends_with("/" + typed) ||
           name.ends_with("/" + typed + ":latest");
}

}  // namespace

// NOLINTBEGIN(cppcoreguidelines-*,modernize-*,misc-*): the library's macro
NLOHMANN_DEFINE_TYPE_NON_INTRUSIVE(StoreFacts, node, graphroot, store, has_image, is_named, has_staging,
                                   missing, room, problem)
// NOLINTEND(cppcoreguidelines-*,modernize-*,misc-*)

std::string line_of(const StoreFacts& facts) {
    return json(facts).dump(-1, ' ', false, json::error_handler_t::replace) + "\n";
}

std::optional<StoreFacts> store_facts_from(std::string_view line) {
    try {
        return whole_json(line).get<StoreFacts>();
    } catch (const json::exception&) {
        return std::nullopt;
    }
}

std::optional<ImageIdentity> image_identity_from(std::string_view inspect_json, const std::string& typed) {
    const auto images = json::parse(inspect_json, nullptr, false);
    const auto image = images.is_array() && !images.empty() ? stored(images[0]) : std::nullopt;
    if (!image) {
        return std::nullopt;
    }
    const auto meant =
        std::ranges::find_if(image->names, [&](const auto& name) { return is_meant(name, typed); });
    return ImageIdentity{image->id, meant == image->names.end() ? image->id : *meant, image->layers};
}

StoreFacts store_facts_by(std::string_view inspect_json, const ImageIdentity& image) {
    StoreFacts facts;
    std::set<std::string> present;
    const auto images = json::parse(inspect_json, nullptr, false);
    for (const auto& each : images.is_array() ? images : json::array()) {
        const auto one = stored(each);
        if (!one) {
            continue;
        }
        present.insert(one->layers.begin(), one->layers.end());
        if (one->id == image.id) {
            facts.has_image = true;
            facts.is_named =
                image.name == image.id || std::ranges::find(one->names, image.name) != one->names.end();
        }
    }
    std::ranges::copy_if(image.layers, std::back_inserter(facts.missing),
                         [&](const auto& layer) { return !facts.has_image && present.insert(layer).second; });
    return facts;
}

}  // namespace mpi_podman
