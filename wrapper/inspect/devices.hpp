/// Devices of this node that its ranks would use without a container: interconnects, and GPUs.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "rootfs/rootfs.hpp"
#include "sys/result.hpp"

namespace mpi_podman {

/// GPUs of one vendor, by the names that podman's --device takes behind KIND= (Container Device Interface).
struct Gpus {
    std::string kind;                ///< "nvidia.com/gpu"
    std::vector<std::string> names;  ///< "0", "1", "all"; in the order of their specification
    std::string file;                ///< that names them; of several, the first
    bool operator==(const Gpus&) const = default;
};

struct NodeDevices {
    std::vector<std::string> fabric;  ///< paths below /dev
    std::vector<Gpus> gpus;
    std::vector<std::string> unread;  ///< FILE: why, for each specification that cannot be read
    bool operator==(const NodeDevices&) const = default;
};

/// The devices of interconnects and of copying between processes that are there: /dev/infiniband ...
std::vector<std::string> fabric_devices(const Rootfs& host);

/// Both. Of the GPUs those that a specification in /etc/cdi or /var/run/cdi names, where podman looks too.
NodeDevices devices_of_node(const Rootfs& host);

/// Adds what one specification (JSON, or YAML) names of NVIDIA's and AMD's GPUs; other kinds are none of
/// ours. Fails where it is neither, or has no kind. Pure.
Result<void> take_gpus(std::string_view specification, const std::string& file, std::vector<Gpus>& into);

/// Whether one of these paths, /dev/infiniband/uverbs0 or a directory above, is a device whose transfers need
/// locked memory: the adapter reads and writes it by its physical address.
bool needs_locked_memory(const std::vector<std::string>& paths);

}  // namespace mpi_podman
