/// The environment of a rank: which of the user's and the launcher's variables reach it, over the image's
/// own.
#pragma once

#include <cstdint>
#include <map>
#include <string>
#include <string_view>
#include <vector>

#include "cli/options.hpp"
#include "launcher/context.hpp"
#include "launcher/environment.hpp"
#include "plan/pmi_path.hpp"
#include "sys/result.hpp"

namespace mpi_podman {

/// What podman is told. Values of inherited variables stay in podman's own environment, off every command
/// line.
struct RankEnvironment {
    std::vector<std::string> inherited;      ///< names, sorted
    std::map<std::string, std::string> set;  ///< typed by the user or set by us
    std::vector<std::string> unset;
    bool operator==(const RankEnvironment&) const = default;
};

/// What a variable is to a rank (the table in rank_environment.cpp has the reason of each row).
enum class VariableKind : std::uint8_t {
    launcher,    ///< set by the launcher, or a setting of MPI or its transports: always passes
    host_place,  ///< names a place, a session or a shell of the host: stays outside
    host_mpi,    ///< names the launcher's own MPI installation: stays outside even where "launcher" passes,
                 ///< unless it is the one that --mpi-prefix brings into the container
    user,        ///< everything else: passes, unless --env-host=launcher
};
VariableKind kind_of(std::string_view name);
/// Why it is of that kind, in a few words.
std::string_view reason_of(std::string_view name);

/// Whether a variable of this name tells an MPI or PMIx library where its server is, or how its job is laid
/// out: kept from a rank with --pmi=none, and from a server of our own.
bool leads_to_a_server(std::string_view name);

/// Computes it. `mounted_paths` are seen at the same path in the container.
/// `pmi` is what the launcher speaks: PMIX_* that another launcher around it left behind stay outside. What a
/// bridge listens to is not for the rank.
RankEnvironment rank_environment(const Options& options, Pmi pmi, Bridge bridge,
                                 const Environment& environment,
                                 const std::vector<std::string>& mounted_paths);

/// Fails where a variable holds bytes podman cannot carry (its configuration is JSON: UTF-8 only), naming it.
Result<void> check_podman_can_carry(const RankEnvironment& rank, const Environment& environment);

/// The environment the rank will see of these rules, values included, the image's own ENV left out.
Environment seen_by_rank(const RankEnvironment& rank, const Environment& environment);

/// The same with the image's own ENV (NAME=VALUE) below it: all that a rank of that image sees, but for what
/// a bridge adds.
Environment seen_in_image(const std::vector<std::string>& image, const RankEnvironment& rank,
                          const Environment& environment);

/// Whether `path` is one of `directories` or lies below one.
bool is_below(const std::string& path, const std::vector<std::string>& directories);

}  // namespace mpi_podman
