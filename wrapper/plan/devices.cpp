#include "plan/devices.hpp"

#include <algorithm>
#include <iterator>

#include "sys/text.hpp"

namespace mpi_podman {
namespace {

constexpr std::string_view all_of_them = "all";

/// Specifications name one GPU several times, by its number and its UUID, and all of them once more: the
/// numbers where there are any.
std::vector<std::string> single_gpus(const Gpus& gpus) {
    std::vector<std::string> names;
    std::vector<std::string> numbers;
    for (const auto& name : gpus.names) {
        if (name != all_of_them) {
            names.push_back(name);
        }
        if (!name.empty() && name.find_first_not_of("0123456789") == std::string::npos) {
            numbers.push_back(name);
        }
    }
    return numbers.empty() ? names : numbers;
}

std::vector<std::string> each_gpu(const std::vector<Gpus>& all) {
    std::vector<std::string> names;
    for (const auto& gpus : all) {
        for (const auto& name : single_gpus(gpus)) {
            names.push_back(gpus.kind + "=" + name);
        }
    }
    return names;
}

/// By the one name for all, where a specification has it.
std::vector<std::string> all_gpus(const std::vector<Gpus>& all) {
    std::vector<std::string> names;
    for (const auto& gpus : all) {
        const bool has_all = std::ranges::find(gpus.names, all_of_them) != gpus.names.end();
        const auto of_kind = has_all ? std::vector<std::string>{std::string(all_of_them)} : single_gpus(gpus);
        std::ranges::transform(of_kind, std::back_inserter(names),
                               [&](const std::string& name) { return gpus.kind + "=" + name; });
    }
    return names;
}

Error too_few_gpus(const Options& options, const NodeDevices& node, std::size_t there) {
    const auto asked = "--gpus=" + to_string(options.gpus);
    const std::string remedy =
        "make a specification on each node, as root: nvidia-ctk cdi generate "
        "--output=/etc/cdi/nvidia.yaml (AMD: amd-ctk cdi generate)";
    if (!node.unread.empty()) {
        return {Status::ours, asked + ": a specification of this node cannot be read: " + node.unread.front(),
                remedy};
    }
    if (there == 0) {
        return {Status::ours,
                asked + ": no CDI specification in /etc/cdi or /var/run/cdi names a GPU of this node",
                remedy};
    }
    return {Status::ours,
            asked + ": this node has " + std::to_string(there) + " (" + node.gpus.front().file + ")",
            "ask for no more, or for --gpus=all"};
}

Result<std::vector<std::string>> gpus_for(const Options& options, const NodeDevices& node) {
    const auto& wanted = options.gpus;
    if (wanted.which == GpuChoice::none) {
        return std::vector<std::string>{};
    }
    auto all = all_gpus(node.gpus);
    if (wanted.which == GpuChoice::automatic || (wanted.which == GpuChoice::all && !all.empty())) {
        return all;
    }
    auto each = each_gpu(node.gpus);
    if (wanted.which == GpuChoice::all || each.size() < wanted.count) {
        return failure(too_few_gpus(options, node, each.size()));
    }
    each.resize(wanted.count);
    return each;
}

}  // namespace

Result<std::vector<std::string>> devices_for(const Options& options, const NodeDevices& node) {
    return gpus_for(options, node).map([&](const std::vector<std::string>& gpus) {
        auto found = options.fabric ? node.fabric : std::vector<std::string>{};
        found.insert(found.end(), gpus.begin(), gpus.end());
        auto devices = options.devices;
        std::ranges::copy_if(found, std::back_inserter(devices), [&](const std::string& device) {
            return std::ranges::none_of(options.devices,
                                        [&](const std::string& typed) { return typed.starts_with(device); });
        });
        return devices;
    });
}

std::string devices_asked_for(const Options& options) {
    std::vector<std::string> words;
    if (options.gpus.which != GpuChoice::automatic) {
        words.push_back("gpus " + to_string(options.gpus));
    }
    if (!options.fabric) {
        words.emplace_back("no fabric");
    }
    return joined(words);
}

}  // namespace mpi_podman
