#include "inspect/devices.hpp"

#include <yaml-cpp/yaml.h>

#include <algorithm>
#include <array>

namespace mpi_podman {
namespace {

/// Directories and files of /dev; a star stands for the rest of a name. CXI is Slingshot's, hfi1 Omni-Path's.
struct FabricDevice {
    std::string_view name;
    bool locks_memory;
};
constexpr std::array fabric_names{FabricDevice{"infiniband", true}, FabricDevice{"xpmem", false},
                                  FabricDevice{"knem", false}, FabricDevice{"cxi*", true},
                                  FabricDevice{"hfi1_*", true}};

constexpr std::array<std::string_view, 2> gpu_kinds{"nvidia.com/gpu", "amd.com/gpu"};

/// Podman's own; a device that both name is the later one's.
constexpr std::array specification_directories{"/etc/cdi", "/var/run/cdi"};
constexpr std::size_t most_of_a_specification = std::size_t{4} << 20U;

bool is_called(const FabricDevice& device, std::string_view name) {
    const auto beginning = device.name.substr(0, device.name.find('*'));
    return beginning.size() < device.name.size() ? name.starts_with(beginning) : name == beginning;
}

Gpus& gpus_of(const std::string& kind, const std::string& file, std::vector<Gpus>& all) {
    const auto known = std::ranges::find(all, kind, &Gpus::kind);
    return known != all.end() ? *known : all.emplace_back(Gpus{kind, {}, file});
}

void take_names(const YAML::Node& specification, Gpus& into) {
    for (const auto& device : specification["devices"]) {
        const auto name = device["name"].as<std::string>();
        if (std::ranges::find(into.names, name) == into.names.end()) {
            into.names.push_back(name);
        }
    }
}

bool is_specification(std::string_view name) {
    return name.ends_with(".json") || name.ends_with(".yaml") || name.ends_with(".yml");
}

}  // namespace

std::vector<std::string> fabric_devices(const Rootfs& host) {
    std::vector<std::string> found;
    const auto present = host.names_in("/dev");
    for (const auto& device : fabric_names) {
        for (const auto& name : present) {
            if (is_called(device, name)) {
                found.push_back("/dev/" + name);
            }
        }
    }
    return found;
}

Result<void> take_gpus(std::string_view specification, const std::string& file, std::vector<Gpus>& into) {
    try {  // YAML-cpp throws; JSON is YAML too
        const auto root = YAML::Load(std::string(specification));
        const auto kind = root["kind"].as<std::string>();
        if (std::ranges::find(gpu_kinds, kind) != gpu_kinds.end()) {
            take_names(root, gpus_of(kind, file, into));
        }
        return {};
    } catch (const YAML::Exception& error) {
        return failure(Status::ours, file + ": " + error.what(), "make it again: nvidia-ctk cdi generate");
    }
}

NodeDevices devices_of_node(const Rootfs& host) {
    NodeDevices devices;
    devices.fabric = fabric_devices(host);
    for (const std::string directory : specification_directories) {
        for (const auto& name : host.names_in(directory)) {
            if (!is_specification(name)) {
                continue;
            }
            const auto file = directory + "/" + name;
            const auto taken =
                host.read(file, most_of_a_specification).and_then([&](const std::string& text) {
                    return take_gpus(text, file, devices.gpus);
                });
            if (!taken) {
                devices.unread.push_back(taken.error().message);
            }
        }
    }
    return devices;
}

bool needs_locked_memory(const std::vector<std::string>& paths) {
    constexpr std::string_view below = "/dev/";
    return std::ranges::any_of(paths, [&](std::string_view path) {
        const auto name = path.starts_with(below) ? path.substr(below.size()) : std::string_view{};
        const auto first = name.substr(0, name.find('/'));
        return std::ranges::any_of(fabric_names, [&](const FabricDevice& device) {
            return device.locks_memory && is_called(device, first);
        });
    });
}

}  // namespace mpi_podman
