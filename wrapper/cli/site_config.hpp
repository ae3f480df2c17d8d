/// What a site says once for all its users: the file /etc/mpi-podman/config of each node, in the format of
/// Boost.Program_options' configuration files ('#' begins a comment):
///
///     [mpi openmpi-4.1]
///     prefix = /opt/openmpi-4.1
///     default = yes
#pragma once

#include <string>
#include <vector>

#include "cli/options.hpp"
#include "sys/result.hpp"

namespace mpi_podman {

inline constexpr auto site_config_file = "/etc/mpi-podman/config";

/// An MPI of the host that --mpi=host:NAME means.
struct ConfiguredMpi {
    std::string name, prefix;
    bool is_default = false;  ///< --mpi=host alone means it
    bool operator==(const ConfiguredMpi&) const = default;
};

struct SiteConfig {
    std::vector<ConfiguredMpi> mpis;  ///< in the file's order
    bool operator==(const SiteConfig&) const = default;
};

/// Pure. Fails with "FILE:LINE: ..." where a line is wrong.
Result<SiteConfig> parse_site_config(const std::string& text, const std::string& file);

/// Pure. The options with mpi_prefix as the site has it, for --mpi=host and --mpi=host:NAME; --mpi-prefix
/// goes before a default. Fails where NAME is not among those that are known, and says which are.
Result<Options> with_site_config(Options options, const SiteConfig& config);

/// Both, with the file of this node, which need not be there; it is read for --mpi=host alone.
Result<Options> with_site_config(const Options& options);

}  // namespace mpi_podman
