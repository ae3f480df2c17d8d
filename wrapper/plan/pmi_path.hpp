/// How the image's MPI reaches the launcher: directly, or over a bridge that speaks for it.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "abi/mpi_family.hpp"
#include "cli/options.hpp"
#include "inspect/image.hpp"
#include "launcher/context.hpp"

namespace mpi_podman {

enum class Bridge : std::uint8_t {
    none,         ///< both speak the same, or nobody speaks
    pmi_server,   ///< the launcher speaks PMIx, the image PMI-1 or PMI-2 (pmix-bridge/pmi-server)
    pmix_server,  ///< the launcher speaks PMI, the image PMIx (pmix-bridge/pmix-server)
};

/// Which path is taken, and why in words.
struct PmiPath {
    Bridge bridge = Bridge::none;
    std::string reason;
    Pmi of_rank = Pmi::none;      ///< what the rank speaks, if it speaks; none: not known, or with nobody
    Pmi of_launcher = Pmi::none;  ///< none: also where the rank is not to speak with it
    bool operator==(const PmiPath&) const = default;
};

/// `image` is the MPI that runs: with `from` the host, the host's.
/// Decides by what the image holds, or by --pmi where that names what it speaks. An image with MPIs of both
/// families is taken to speak what the launcher does.
PmiPath choose_path(PmiChoice choice, const LauncherContext& context, const ImageMpi& image,
                    MpiFrom from = MpiFrom::image);

/// What ranks with an MPI of this family speak; none where its name does not tell.
Pmi pmi_of(MpiFamily family);
/// The bridge that they need under a launcher that offers `launcher`.
Bridge bridge_for(MpiFamily family, Pmi launcher);

/// A variable that the image's MPI needs under this launcher, and would not have by itself.
struct Translation {
    std::string_view name, value, reason;
};

/// What to set for the image's version of Open MPI: the table in pmi_path.cpp says when and why.
std::vector<Translation> translations(Bridge bridge, const LauncherContext& context, const ImageMpi& image);

/// PMIX_SECURITY_MODE for the rank, where the launcher names more than one way to say who one is: then the
/// one that every PMIx has will do, and an image without the others does not complain.
std::optional<std::string> security_mode(const Environment& seen);

/// Whether this variable is the launcher's word to a rank that speaks its PMI, which over a bridge it does
/// not.
bool is_spoken_to_the_bridge(Bridge bridge, std::string_view name);

}  // namespace mpi_podman
