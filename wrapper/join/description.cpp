#include "join/description.hpp"

#include <linux/capability.h>

#include <algorithm>
#include <array>
#include <nlohmann/json.hpp>

#include "inspect/devices.hpp"
#include "join/seccomp.hpp"

namespace mpi_podman {
namespace {

using nlohmann::json;

constexpr std::uint32_t format = 6;

// ---- bytes: numbers as 8 little-endian bytes, texts and lists with their length before them

void put(std::string& bytes, std::uint64_t number) {
    for (int i = 0; i < 8; ++i) {
        bytes.push_back(static_cast<char>(number & 0xFFU));
        number >>= 8U;
    }
}

void put(std::string& bytes, std::string_view text) {
    put(bytes, text.size());
    bytes.append(text);
}

void put(std::string& bytes, const std::vector<std::string>& list) {
    put(bytes, list.size());
    for (const auto& text : list) {
        put(bytes, text);
    }
}

/// Reads what put() wrote; once something does not fit, everything after is empty and `good` is false.
struct Reader {
    std::string_view rest;
    bool good = true;

    std::uint64_t number() {
        if (rest.size() < 8) {
            good = false;
            return 0;
        }
        std::uint64_t value = 0;
        for (std::size_t i = 8; i-- > 0;) {
            value = (value << 8U) | static_cast<unsigned char>(rest[i]);
        }
        rest.remove_prefix(8);
        return value;
    }
    std::string text() {
        const auto size = number();
        if (!good || size > rest.size()) {
            good = false;
            return {};
        }
        std::string value(rest.substr(0, size));
        rest.remove_prefix(size);
        return value;
    }
    std::vector<std::string> list() {
        std::vector<std::string> values;
        for (auto left = number(); good && left > 0; --left) {
            values.push_back(text());
        }
        return values;
    }
};

// ---- the OCI configuration

constexpr std::array<std::string_view, CAP_LAST_CAP + 1> capability_names{"CAP_CHOWN",
                                                                          "CAP_DAC_OVERRIDE",
                                                                          "CAP_DAC_READ_SEARCH",
                                                                          "CAP_FOWNER",
                                                                          "CAP_FSETID",
                                                                          "CAP_KILL",
                                                                          "CAP_SETGID",
                                                                          "CAP_SETUID",
                                                                          "CAP_SETPCAP",
                                                                          "CAP_LINUX_IMMUTABLE",
                                                                          "CAP_NET_BIND_SERVICE",
                                                                          "CAP_NET_BROADCAST",
                                                                          "CAP_NET_ADMIN",
                                                                          "CAP_NET_RAW",
                                                                          "CAP_IPC_LOCK",
                                                                          "CAP_IPC_OWNER",
                                                                          "CAP_SYS_MODULE",
                                                                          "CAP_SYS_RAWIO",
                                                                          "CAP_SYS_CHROOT",
                                                                          "CAP_SYS_PTRACE",
                                                                          "CAP_SYS_PACCT",
                                                                          "CAP_SYS_ADMIN",
                                                                          "CAP_SYS_BOOT",
                                                                          "CAP_SYS_NICE",
                                                                          "CAP_SYS_RESOURCE",
                                                                          "CAP_SYS_TIME",
                                                                          "CAP_SYS_TTY_CONFIG",
                                                                          "CAP_MKNOD",
                                                                          "CAP_LEASE",
                                                                          "CAP_AUDIT_WRITE",
                                                                          "CAP_AUDIT_CONTROL",
                                                                          "CAP_SETFCAP",
                                                                          "CAP_MAC_OVERRIDE",
                                                                          "CAP_MAC_ADMIN",
                                                                          "CAP_SYSLOG",
                                                                          "CAP_WAKE_ALARM",
                                                                          "CAP_BLOCK_SUSPEND",
                                                                          "CAP_AUDIT_READ",
                                                                          "CAP_PERFMON",
                                                                          "CAP_BPF",
                                                                          "CAP_CHECKPOINT_RESTORE"};

/// A name this kernel's headers do not have grants nothing.
std::uint64_t capability_set(const json& sets, const char* which) {
    std::uint64_t bits = 0;
    for (const std::string name : sets.value(which, json::array())) {
        const auto* at = std::find(capability_names.begin(), capability_names.end(), name);
        if (at != capability_names.end()) {
            bits |= std::uint64_t{1} << static_cast<unsigned>(at - capability_names.begin());
        }
    }
    return bits;
}

Capabilities capabilities_of(const json& process) {
    const auto sets = process.value("capabilities", json::object());
    return {capability_set(sets, "bounding"), capability_set(sets, "effective"),
            capability_set(sets, "permitted"), capability_set(sets, "inheritable"),
            capability_set(sets, "ambient")};
}

/// Where the container has devices: rootless podman mounts them.
std::vector<std::string> device_paths(const json& config, const json& linux_part) {
    std::vector<std::string> paths;
    for (const auto& device : linux_part.value("devices", json::array())) {
        paths.push_back(device.value("path", ""));
    }
    for (const auto& mount : config.value("mounts", json::array())) {
        paths.push_back(mount.value("destination", ""));
    }
    return paths;
}

/// The container was started with one word as its command, to see what the image puts before it: podman made
/// "INIT -- ENTRYPOINT... WORD", or with no word "INIT -- ENTRYPOINT... CMD...".
std::vector<std::string> entry_of(const json& process) {
    auto words = process.value("args", std::vector<std::string>{});
    const auto dashes = std::find(words.begin(), words.end(), "--");
    const auto init_ends = dashes == words.end() ? words.begin() : dashes;
    if (init_ends != words.end()) {
        words.erase(words.begin(), init_ends + 1);
    }
    return words;
}

}  // namespace

std::string encode(const Description& description) {
    std::string bytes;
    put(bytes, format);
    const auto& sets = description.capabilities;
    for (const auto set : {sets.bounding, sets.effective, sets.permitted, sets.inheritable, sets.ambient}) {
        put(bytes, set);
    }
    put(bytes, std::uint64_t{description.no_new_privileges});
    put(bytes, description.seccomp);
    put(bytes, description.apparmor);
    put(bytes, description.environment);
    put(bytes, description.entry);
    put(bytes, description.workdir);
    put(bytes, std::uint64_t{description.needs_locked_memory});
    put(bytes, description.mpi.open_mpi);
    put(bytes, description.mpi.open_mpi_file);
    put(bytes, description.mpi.mpich);
    put(bytes, std::uint64_t{description.conmon});
    for (const int flags : {description.namespaces.of_agent, description.namespaces.of_conmon}) {
        put(bytes, static_cast<std::uint64_t>(flags));
    }
    put(bytes, description.container);
    const auto& start = description.at_start;
    put(bytes, start.own);
    put(bytes, start.sources);
    put(bytes, start.files);
    put(bytes, start.mounts);
    put(bytes, start.images);
    put(bytes, start.images_changed);
    return bytes;
}

Result<Description> decode(std::string_view bytes) {
    Reader reader{bytes};
    Description description;
    const bool ours = reader.number() == format;
    auto& sets = description.capabilities;
    for (auto* set : {&sets.bounding, &sets.effective, &sets.permitted, &sets.inheritable, &sets.ambient}) {
        *set = reader.number();
    }
    description.no_new_privileges = reader.number() != 0;
    description.seccomp = reader.text();
    description.apparmor = reader.text();
    description.environment = reader.list();
    description.entry = reader.list();
    description.workdir = reader.text();
    description.needs_locked_memory = reader.number() != 0;
    description.mpi.open_mpi = reader.text();
    description.mpi.open_mpi_file = reader.text();
    description.mpi.mpich = reader.text();
    description.conmon = static_cast<std::uint32_t>(reader.number());
    for (auto* flags : {&description.namespaces.of_agent, &description.namespaces.of_conmon}) {
        *flags = static_cast<int>(reader.number());
    }
    description.container = reader.text();
    auto& start = description.at_start;
    start.own = reader.list();
    start.sources = reader.list();
    start.files = reader.list();
    start.mounts = reader.text();
    start.images = reader.text();
    start.images_changed = reader.number();
    if (!ours || !reader.good || !reader.rest.empty()) {
        return failure(Status::ours, "the description of the node's container is unreadable",
                       "is one mpi-podman installed on the node, and not two versions?");
    }
    return description;
}

Result<Description> description_from_oci(std::string_view config_json) {
    try {
        const auto config = json::parse(config_json);
        const auto& process = config.at("process");
        const auto linux_part = config.value("linux", json::object());
        Description description;
        description.capabilities = capabilities_of(process);
        description.no_new_privileges = process.value("noNewPrivileges", false);
        description.apparmor = process.value("apparmorProfile", "");
        description.environment = process.value("env", std::vector<std::string>{});
        description.entry = entry_of(process);
        description.workdir = process.value("cwd", "/");
        description.needs_locked_memory = needs_locked_memory(device_paths(config, linux_part));
        if (linux_part.contains("seccomp")) {
            auto program = compile_seccomp(linux_part.at("seccomp").dump());
            if (!program) {
                return failure(program.error());
            }
            description.seccomp = std::move(*program);
        }
        return description;
    } catch (const json::exception& error) {
        return failure(
            Status::ours,
            std::string("the configuration podman wrote for the container is unreadable: ") + error.what(),
            "run with --per-rank, and report it");
    }
}

}  // namespace mpi_podman
