#include "run/oci_mounts.hpp"

#include "run/json_text.hpp"

namespace mpi_podman {

using nlohmann::json;

std::vector<HostMount> oci_mounts(std::string_view config_json) {
    std::vector<HostMount> mounts;
    for (const auto& mount : list_at(json::parse(config_json, nullptr, false), "mounts")) {
        mounts.push_back({text_at(mount, "source"), text_at(mount, "destination")});
    }
    return mounts;
}

}  // namespace mpi_podman
