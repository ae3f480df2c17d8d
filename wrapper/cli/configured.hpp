/// What is said about options in other places than the command line, each above those before it: the site's
/// file, the user's file, a profile of either that is asked for, variables.
///
///     # /etc/mpi-podman/config, or ~/.config/mpi-podman/config: '#' begins a comment
///     volume = /data:/data
///     per-rank = yes
///
///     [profile debug]
///     log-level = debug
///
///     [mpi openmpi-4.1]
///     prefix = /opt/openmpi-4.1
///     default = yes
#pragma once

#include <functional>
#include <map>
#include <optional>
#include <string>
#include <vector>

#include "sys/result.hpp"

namespace mpi_podman {

inline constexpr auto site_config_file = "/etc/mpi-podman/config";

/// One option as it was given somewhere.
struct Setting {
    std::string name;                  ///< the long one, without dashes
    std::optional<std::string> value;  ///< nothing: it was given without one
    std::string where = {};            ///< "FILE:LINE" or a variable; empty: the command line
    bool operator==(const Setting&) const = default;
};

/// An MPI of the host that --mpi=host:NAME means.
struct ConfiguredMpi {
    std::string name, prefix;
    bool is_default = false;  ///< --mpi=host alone means it
    bool operator==(const ConfiguredMpi&) const = default;
};

struct Configured {
    std::vector<Setting> files;  ///< in rising order, as all here
    std::map<std::string, std::vector<Setting>> profiles;
    std::vector<Setting> variables;
    std::vector<ConfiguredMpi> mpis;  ///< in the files' order
    bool operator==(const Configured&) const = default;
};

using Lookup = std::function<std::optional<std::string>(const std::string& variable)>;

/// Pure. Reads one file's text. Fails with "FILE:LINE: ..." where a line is wrong.
Result<Configured> parse_config(const std::string& text, const std::string& file);

/// Pure. `above` goes before `below`: its settings are later, and its MPIs replace those of the same name.
Configured combined(Configured below, Configured above);

/// Pure. What variables say, MPI_PODMAN_<OPTION>. Fails where a value is none of its option's.
Result<std::vector<Setting>> settings_of(const Lookup& variable);

/// The user's file: below XDG_CONFIG_HOME, or else HOME; empty where neither is known.
std::string user_config_file(const Lookup& variable);

/// Everything, of this node. Files need not be there; one that cannot be read is an error.
Result<Configured> read_configuration(const Lookup& variable);

}  // namespace mpi_podman
