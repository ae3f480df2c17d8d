/// What --check has found out and decided, as a value.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "abi/verdict.hpp"
#include "inspect/devices.hpp"
#include "launcher/context.hpp"

namespace mpi_podman {

/// A launcher's program on this host, or the launcher that this process runs under.
struct HostLauncher {
    Launcher launcher = Launcher::none;
    Pmi pmi = Pmi::none;               ///< what it offers, started with `command`
    std::string path;                  ///< of its program; empty where this process runs under it
    std::string release;               ///< "4.1.4"
    std::vector<std::string> command;  ///< words in front of mpi-podman
    bool operator==(const HostLauncher&) const = default;
};

struct StrategyReport {
    Verdict verdict;
    std::string pmi;                        ///< how a rank reaches the launcher, in words
    std::vector<std::string> command_line;  ///< empty where it cannot run
    bool operator==(const StrategyReport&) const = default;
};

struct CheckReport {
    std::string version, node;
    std::string image, image_id;
    RootFacts in_image, on_host;
    NodeDevices devices;  ///< of this host
    std::optional<CommandFacts> command;
    std::optional<MpiInstallation> host_mpi;  ///< the one that would be brought in
    HostLauncher launcher;                    ///< the one asked about; Launcher::none: there is none
    std::vector<HostLauncher> other_launchers;
    std::vector<StrategyReport> strategies;
    std::optional<std::size_t> recommended;  ///< of `strategies`
    bool operator==(const CheckReport&) const = default;
};

}  // namespace mpi_podman
