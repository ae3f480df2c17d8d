#include "hook/container.hpp"

#include <algorithm>
#include <nlohmann/json.hpp>

namespace mpi_podman {
namespace {

using Json = nlohmann::json;

/// A text of an object; empty where it is not there or is no text.
std::string text_in(const Json& object, const char* name) {
    const auto found = object.is_object() ? object.find(name) : object.end();
    return object.is_object() && found != object.end() && found->is_string() ? found->get<std::string>()
                                                                             : std::string{};
}

tl::unexpected<Error> unknown(const std::string& what) {
    return failure(Status::ours, what, "have an OCI runtime call it, as podman does with --hooks-dir");
}

/// The last mount at a place is the one that is seen.
std::vector<std::string> tmpfs_among(const Json& mounts) {
    std::vector<std::string> found;
    for (const auto& mount : mounts.is_array() ? mounts : Json::array()) {
        auto at = text_in(mount, "destination");
        std::erase(found, at);
        if (text_in(mount, "type") == "tmpfs" && at.starts_with('/')) {
            found.push_back(std::move(at));
        }
    }
    return found;
}

}  // namespace

Result<ContainerState> container_state(std::string_view json) {
    const auto state = Json::parse(json, nullptr, false);
    ContainerState known;
    known.bundle = text_in(state, "bundle");
    if (!known.bundle.starts_with('/')) {
        return unknown("stdin has no state of a container");
    }
    if (const auto pid = state.find("pid"); pid != state.end() && pid->is_number_integer()) {
        known.pid = pid->get<pid_t>();
    }
    return known;
}

Result<ContainerConfig> container_config(std::string_view json, const std::string& bundle) {
    const auto config = Json::parse(json, nullptr, false);
    const auto root = config.is_object() && config.contains("root") ? text_in(config["root"], "path") : "";
    if (root.empty()) {
        return unknown(bundle + "/config.json names no root of the container");
    }
    ContainerConfig known;
    known.root = root.starts_with('/') ? root : bundle + "/" + root;
    known.tmpfs = tmpfs_among(config.contains("mounts") ? config["mounts"] : Json());
    return known;
}

}  // namespace mpi_podman
