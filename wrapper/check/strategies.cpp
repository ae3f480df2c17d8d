#include "check/strategies.hpp"

#include <algorithm>
#include <array>
#include <charconv>

#include "check/command_line.hpp"
#include "plan/devices.hpp"
#include "plan/pmi_path.hpp"

namespace mpi_podman {
namespace {

/// The family that a rank will use: the command's, or where that does not say, the image's if it has just
/// one.
MpiFamily family_in_image(const HostMpiInImage& found) {
    if (found.command) {
        for (const auto& soname : found.command->needed_mpi()) {
            return mpi_name(soname)->family;
        }
        if (found.command->static_mpi != MpiFamily::none) {
            return found.command->static_mpi;
        }
    }
    const auto& mpis = found.image.mpis;
    const bool one_only = !mpis.empty() && std::ranges::all_of(mpis, [&](const MpiInstallation& mpi) {
        return mpi.family == mpis.front().family;
    });
    return one_only ? mpis.front().family : MpiFamily::none;
}

LauncherContext context_of(const HostLauncher& launcher) {
    LauncherContext context;
    context.launcher = launcher.launcher;
    context.pmi = launcher.pmi;
    return context;
}

std::string spoken_by(MpiFamily family) {
    return std::string(name_of(family)) + " speaks " + std::string(name_of(pmi_of(family)));
}

std::string offered_by(const HostLauncher& launcher) {
    return std::string(name_of(launcher.launcher)) + " offers " + std::string(name_of(launcher.pmi));
}

/// A fabric of the host, and what an MPI reaches it with.
struct Fabric {
    std::string_view device;
    std::array<std::string_view, 2> libraries;  ///< one of them will do
    std::string_view name;
};
constexpr std::array fabrics{Fabric{"/dev/infiniband", {"libibverbs", "libefa"}, "InfiniBand or RoCE"},
                             Fabric{"/dev/cxi", {"libcxi", "libcxi"}, "Slingshot"},
                             Fabric{"/dev/hfi1_", {"libpsm2", "libpsm2"}, "Omni-Path"}};

/// A rank that cannot reach the interconnect takes TCP, and says nothing.
void judge_fabrics(const StrategyQuestion& question, Verdict& verdict) {
    for (const auto& fabric : fabrics) {
        const auto device = std::ranges::find_if(question.devices.fabric, [&](const std::string& path) {
            return path.starts_with(fabric.device);
        });
        const auto& transports = question.found.image.transports;
        const bool reached = std::ranges::any_of(transports, [&](const ReleasedLibrary& transport) {
            return std::ranges::find(fabric.libraries, stem_of(transport.library.soname)) !=
                   fabric.libraries.end();
        });
        if (question.options.fabric && device != question.devices.fabric.end() && !reached) {
            add_reason(verdict, {Outcome::caveat,
                                 "the host has " + std::string(fabric.name) + " (" + *device +
                                     "), the image no " + std::string(fabric.libraries.front()),
                                 "its MPI would take TCP between nodes, and not say so",
                                 "use the host's MPI, or install the library in the image"});
        }
    }
}

void judge_launcher(const StrategyQuestion& question, Verdict& verdict) {
    if (question.refusal) {
        add_reason(verdict, {Outcome::cannot, question.refusal->message, {}, question.refusal->hint});
    } else if (question.launcher.launcher == Launcher::none) {
        add_reason(verdict, {Outcome::caveat, "no launcher was found on this host",
                             "without one there are jobs of one rank only",
                             "name one: --launcher COMMAND, or run the check under it"});
    } else if (question.launcher.pmi == Pmi::none && question.options.pmi != PmiChoice::none) {
        add_reason(verdict, {Outcome::cannot, offered_by(question.launcher),
                             "its ranks would run as separate jobs of one rank each",
                             "start it with srun --mpi=pmix (or pmi2)"});
    }
}

/// What the ranks are given of the node, with whichever MPI.
void judge_devices(const StrategyQuestion& question, Verdict& verdict) {
    if (const auto devices = devices_for(question.options, question.devices); !devices) {
        add_reason(verdict, {Outcome::cannot, devices.error().message, {}, devices.error().hint});
    }
    constexpr std::uint64_t plenty = std::uint64_t{1} << 30U;
    std::uint64_t limit = plenty;  // "-1" is no number
    const auto& hard = question.locked_memory.hard;
    std::from_chars(hard.data(), hard.data() + hard.size(), limit);
    if (question.options.fabric && limit < plenty && needs_locked_memory(question.devices.fabric)) {
        add_reason(verdict, {Outcome::caveat,
                             "locked memory is limited to " + std::to_string(limit >> 10U) + " kB here",
                             "the interconnect's library locks what it sends, and fails or takes another way",
                             "as root: memlock unlimited in /etc/security/limits.d; for srun "
                             "LimitMEMLOCK=infinity of slurmd"});
    }
}

/// What is so with or without a bridge.
void judge_own_mpi(const StrategyQuestion& question, Verdict& verdict) {
    judge_launcher(question, verdict);
    judge_devices(question, verdict);
    judge_fabrics(question, verdict);
    if (!question.found.command && question.found.image.mpis.empty()) {
        add_reason(verdict, {Outcome::caveat, "the image has no MPI",
                             "only a program that brings its own, or has it linked into it, will find one",
                             "install one in the image, or use the host's"});
    }
    const auto& mpis = question.found.image.mpis;
    const bool hangs = std::ranges::any_of(mpis, [](const MpiInstallation& mpi) {
        const auto release = abi_version_from(mpi.release);
        return mpi.family == MpiFamily::mpich && mpi.vendor.empty() && !release.empty() &&
               release < AbiVersion{4, 1};
    });
    if (hangs) {
        add_reason(verdict, {Outcome::works, "MPICH before 4.1 can hang in MPI_Finalize on several nodes",
                             "without containers too", "take MPICH 4.1 or newer for jobs of several nodes"});
    }
}

/// What was typed goes before what was found.
Bridge bridge_needed(const StrategyQuestion& question, MpiFamily family) {
    return question.options.pmi == PmiChoice::automatic
               ? bridge_for(family, question.launcher.pmi)
               : choose_path(question.options.pmi, context_of(question.launcher), question.image_mpi).bridge;
}

/// --pmi, where mpi-podman would not see by itself what the program speaks.
std::string pmi_word(const StrategyQuestion& question, MpiFamily family) {
    const auto path =
        choose_path(question.options.pmi, context_of(question.launcher), question.image_mpi, MpiFrom::image);
    if (question.options.pmi != PmiChoice::automatic || pmi_of(family) == Pmi::none ||
        path.bridge == bridge_for(family, question.launcher.pmi)) {
        return {};
    }
    return pmi_of(family) == Pmi::pmix ? "--pmi=pmix" : "--pmi=pmi1";
}

StrategyReport no_bridge(const StrategyQuestion& question, MpiFamily family) {
    const bool alike = pmi_of(family) != Pmi::none && question.launcher.pmi != Pmi::none;
    StrategyReport report{{Strategy::bridge, Outcome::works, {}}, {}, {}};
    add_reason(report.verdict, {Outcome::cannot,
                                "there is nothing for a bridge to do",
                                alike ? offered_by(question.launcher) + ", " + spoken_by(family)
                                      : "nothing is known that speaks otherwise than the launcher",
                                {}});
    return report;
}

StrategyReport own_mpi(const StrategyQuestion& question, Strategy strategy) {
    const auto family = family_in_image(question.found);
    const bool needs_bridge = bridge_needed(question, family) != Bridge::none;
    if (strategy == Strategy::bridge && !needs_bridge) {
        return no_bridge(question, family);
    }
    const Situation situation{&question.found.image,
                              question.found.command ? &*question.found.command : nullptr};
    StrategyReport report{judge(strategy, situation), {}, {}};
    judge_own_mpi(question, report.verdict);
    if (strategy == Strategy::image && needs_bridge) {
        add_reason(report.verdict, {Outcome::cannot,
                                    offered_by(question.launcher) + ", " + spoken_by(family),
                                    {},
                                    "a bridge speaks for it"});
    }
    if (report.verdict.outcome != Outcome::cannot) {
        const auto word = pmi_word(question, family);
        report.command_line =
            command_line(question.launcher, word.empty() ? std::vector<std::string>{} : std::vector{word},
                         question.typed, question.options);
        auto typed = question.options.pmi;
        if (!word.empty()) {
            typed = pmi_of(family) == Pmi::pmix ? PmiChoice::pmix : PmiChoice::pmi1;
        }
        report.pmi = choose_path(typed, context_of(question.launcher), question.image_mpi).reason;
    }
    return report;
}

StrategyReport hosts_mpi(const StrategyQuestion& question) {
    StrategyReport report{question.found.verdict, {}, {}};
    judge_launcher(question, report.verdict);
    judge_devices(question, report.verdict);
    if (report.verdict.outcome != Outcome::cannot) {
        report.pmi = choose_path(question.options.pmi, context_of(question.launcher), question.found.mpi,
                                 MpiFrom::host)
                         .reason;
        report.command_line = command_line(question.launcher, {word_for_host_mpi(question.typed)},
                                           question.typed, question.options);
    }
    return report;
}

}  // namespace

std::vector<StrategyReport> judge_strategies(const StrategyQuestion& question) {
    return {own_mpi(question, Strategy::image), own_mpi(question, Strategy::bridge), hosts_mpi(question)};
}

std::optional<std::size_t> recommend(const std::vector<StrategyReport>& strategies) {
    const auto best = std::ranges::min_element(
        strategies, {}, [](const StrategyReport& report) { return report.verdict.outcome; });
    if (best == strategies.end() || best->verdict.outcome == Outcome::cannot) {
        return std::nullopt;
    }
    return static_cast<std::size_t>(best - strategies.begin());
}

}  // namespace mpi_podman
