#include "plan/pmi_path.hpp"

#include <algorithm>
#include <array>
#include <vector>

namespace mpi_podman {
namespace {

bool is_pmi(Pmi pmi) { return pmi == Pmi::pmi1 || pmi == Pmi::pmi2; }

/// What the rank speaks, and how that is known. Pmi::none: whatever the launcher does.
struct Tongue {
    Pmi pmi = Pmi::none;
    std::string known_by;
};

Tongue tongue_of(PmiChoice choice, const ImageMpi& image, MpiFrom from) {
    const std::string owner = from == MpiFrom::host ? "the host" : "the image";
    switch (choice) {
        case PmiChoice::pmix: return {Pmi::pmix, "--pmi=pmix"};
        case PmiChoice::pmi1: return {Pmi::pmi1, "--pmi=pmi1"};
        case PmiChoice::pmi2: return {Pmi::pmi2, "--pmi=pmi2"};
        default: break;
    }
    if (image.open_mpi.empty() == image.mpich.empty()) {
        return {Pmi::none,
                owner + (image.mpich.empty() ? " has no MPI known by name" : " has both families of MPI")};
    }
    return image.mpich.empty() ? Tongue{Pmi::pmix, owner + " has Open MPI (" + image.open_mpi + ")"}
                               : Tongue{Pmi::pmi1, owner + " has MPICH (" + image.mpich + ")"};
}

/// The bridge between what a rank speaks and what its launcher does.
Bridge bridge_between(Pmi rank, Pmi launcher) {
    if (launcher == Pmi::pmix && is_pmi(rank)) {
        return Bridge::pmi_server;
    }
    return is_pmi(launcher) && rank == Pmi::pmix ? Bridge::pmix_server : Bridge::none;
}

std::string_view what_happens(Bridge bridge) {
    switch (bridge) {
        case Bridge::pmi_server: return "pmi-server speaks for it";
        case Bridge::pmix_server: return "pmix-server speaks for it";
        case Bridge::none: break;
    }
    return "passed through";
}

/// Who the rank comes from.
enum class From : std::uint8_t {
    not_its_mpirun,  ///< either of the two below
    prrte,
    bridge,
};

/// What the row is about: Open MPI of the image up to this release; 0: any.
struct Row {
    From from = From::bridge;
    unsigned up_to_release = 0;
    Translation translation;
};

constexpr std::string_view singleton =
    "Open MPI 4 takes itself for a job of one rank where no daemon of ORTE is named";

/// Open MPI 4's two ways around ORTE are what it needs wherever something else than its own mpirun started
/// it. The component paths and parameter files of the launcher's own installation stay outside in any case
/// (rank_environment.cpp, host_mpi).
constexpr std::array rows{
    Row{From::not_its_mpirun, 4, {"OMPI_MCA_schizo", "^orte", singleton}},
    Row{From::not_its_mpirun, 4, {"OMPI_MCA_ess", "pmi", singleton}},
    Row{From::prrte, 4, {"PMIX_GDS_MODULE", "hash", "PMIx 4 complains of PMIx 5's shmem2, which it has not"}},
    Row{From::bridge, 0, {"PMIX_MCA_gds", "hash", "the bridge shares no memory with its ranks"}},
};

bool holds(From from, Bridge bridge, const LauncherContext& context) {
    switch (from) {
        case From::not_its_mpirun:
            return holds(From::prrte, bridge, context) || holds(From::bridge, bridge, context);
        case From::prrte: return bridge == Bridge::none && context.launcher == Launcher::prrte;
        case From::bridge: return bridge == Bridge::pmix_server;
    }
    return false;
}

}  // namespace

PmiPath choose_path(PmiChoice choice, const LauncherContext& context, const ImageMpi& image, MpiFrom from) {
    if (choice == PmiChoice::none || context.pmi == Pmi::none) {
        return {Bridge::none, choice == PmiChoice::none ? "--pmi=none" : "no launcher that speaks PMI",
                Pmi::none};
    }
    const auto tongue = tongue_of(choice, image, from);
    const auto offer =
        std::string(name_of(context.launcher)) + " offers " + std::string(name_of(context.pmi));
    const auto bridge = bridge_between(tongue.pmi, context.pmi);
    return {bridge, tongue.known_by + ", " + offer + ": " + std::string(what_happens(bridge)), tongue.pmi,
            context.pmi};
}

Pmi pmi_of(MpiFamily family) {
    switch (family) {
        case MpiFamily::open_mpi: return Pmi::pmix;
        case MpiFamily::mpich: return Pmi::pmi1;
        case MpiFamily::standard_abi:  // of either project
        case MpiFamily::none: break;
    }
    return Pmi::none;
}

Bridge bridge_for(MpiFamily family, Pmi launcher) { return bridge_between(pmi_of(family), launcher); }

std::vector<Translation> translations(Bridge bridge, const LauncherContext& context, const ImageMpi& image) {
    std::vector<Translation> needed;
    const auto release = open_mpi_release(image);
    for (const auto& row : rows) {
        const bool concerns = row.up_to_release == 0 || release <= row.up_to_release;
        const bool speaks_pmix = bridge == Bridge::pmix_server || !image.open_mpi.empty();
        if (concerns && speaks_pmix && holds(row.from, bridge, context)) {
            needed.push_back(row.translation);
        }
    }
    return needed;
}

std::optional<std::string> security_mode(const Environment& seen) {
    constexpr std::string_view everywhere = "native";
    const auto offered = lookup(seen, "PMIX_SECURITY_MODE").value_or("");
    const bool has_it = ("," + std::string(offered) + ",").find(",native,") != std::string::npos;
    return has_it && offered != everywhere ? std::optional<std::string>(everywhere) : std::nullopt;
}

bool is_spoken_to_the_bridge(Bridge bridge, std::string_view name) {
    constexpr std::array<std::string_view, 3> pmi{"PMI_", "PMI2_", "HYDI_"};
    switch (bridge) {
        case Bridge::pmi_server: return name.starts_with("PMIX_");
        case Bridge::pmix_server:
            return std::any_of(pmi.begin(), pmi.end(),
                               [&](std::string_view beginning) { return name.starts_with(beginning); });
        case Bridge::none: break;
    }
    return false;
}

}  // namespace mpi_podman
