#include <algorithm>

#include "abi/reasons.hpp"
#include "sys/text.hpp"

namespace mpi_podman {
namespace {

/// What a library of the host needs of one that the image keeps, and does not get.
struct Lack {
    const UsedLibrary* library;
    std::string soname;  ///< of the image's
    std::vector<std::string> versions;
};

std::vector<Lack> lacks_of(const Situation& situation, const UsedLibrary& used,
                           const std::vector<Placement>& placements) {
    std::vector<Lack> lacks;
    for (const auto& kept : placements) {
        const auto counterpart = std::ranges::find(situation.counterparts, kept.soname, &Library::soname);
        if (kept.keeper != Keeper::image || counterpart == situation.counterparts.end()) {
            continue;
        }
        auto versions = versions_lacking(used.library, kept.soname, counterpart->version_definitions);
        if (!versions.empty()) {
            lacks.push_back({&used, kept.soname, highest_of_each(versions)});
        }
    }
    return lacks;
}

std::string both_have(const Situation& situation, const std::string& soname) {
    if (!is_part_of_libc(soname)) {
        return "the image's " + soname + " does not have it";
    }
    return "the image has " + describe_libc(situation.image->libc, situation.image->libc_release) +
           ", the host " + describe_libc(situation.host->libc, situation.host->libc_release);
}

void judge_core(const Situation& situation, const std::vector<Lack>& lacks, Reasons& reasons) {
    for (const auto& lack : lacks) {
        reasons.push_back({Outcome::cannot,
                           "the host's " + lack.library->library.path + " needs " + joined(lack.versions) +
                               " of " + lack.soname,
                           both_have(situation, lack.soname),
                           "use the image's own MPI, or an image as new as the host"});
    }
}

/// Open MPI reaches PMIx through a plugin: without that no job of several ranks comes together.
bool is_essential(const Library& plugin) {
    const auto name = name_in(plugin.path);
    return name.starts_with("libpmix.so") || name.starts_with("mca_pmix_");
}

/// Plugins that cannot be opened are left out by their opener: one reason for all of them.
void judge_plugins(const Situation& situation, const std::vector<Lack>& lacks, Reasons& reasons) {
    if (lacks.empty()) {
        return;
    }
    std::vector<std::string> versions;
    std::vector<std::string> paths;
    bool essential = false;
    for (const auto& lack : lacks) {
        versions.insert(versions.end(), lack.versions.begin(), lack.versions.end());
        paths.push_back(lack.library->library.path);
        essential = essential || is_essential(lack.library->library);
    }
    reasons.push_back(
        {essential ? Outcome::cannot : Outcome::caveat,
         std::to_string(paths.size()) + " parts of the host's MPI, opened while it runs, need " +
             joined(highest_of_each(versions)) + " of " + lacks.front().soname + ": " + joined(paths),
         both_have(situation, lacks.front().soname),
         essential ? "use the image's own MPI, or an image as new as the host"
                   : "it runs without them: slower, if they are transports"});
}

/// A library of the command against those of the host that take the place of the image's.
void judge_upon_host(const Library& images, const std::vector<Placement>& placements, Reasons& reasons) {
    for (const auto& placed : placements) {
        const bool stays = placed.keeper == Keeper::host && placed.soname != images.soname;
        const auto lacking =
            stays ? versions_lacking(images, placed.soname, placed.host.library.version_definitions)
                  : std::vector<std::string>{};
        if (!lacking.empty()) {
            reasons.push_back(
                {Outcome::cannot,
                 "the image's " + images.path + " needs " + joined(lacking) + " of " + placed.soname,
                 "the host's " + placed.host.library.path + " takes its place and does not have it",
                 "use the image's own MPI"});
        }
    }
}

/// A part of the C library that the host's MPI needs and the image has not at all.
void judge_libc_parts(const Situation& situation, const std::vector<Placement>& placements,
                      Reasons& reasons) {
    for (const auto& kept : placements) {
        const bool there = std::ranges::find(situation.counterparts, kept.soname, &Library::soname) !=
                           situation.counterparts.end();
        if (kept.keeper == Keeper::image && !there) {
            reasons.push_back({kept.for_plugins_only ? Outcome::caveat : Outcome::cannot,
                               kept.soname + ", a part of the C library, is not in the image",
                               "the host's " + kept.host.needed_by + " needs it", "use the image's own MPI"});
        }
    }
}

void judge_command_upon_host(const CommandFacts& command, const std::vector<Placement>& placements,
                             Reasons& reasons) {
    Library program;
    program.path = command.program;
    program.version_needs = command.version_needs;
    judge_upon_host(program, placements, reasons);
    for (const auto& used : command.libraries) {
        const auto placed = std::ranges::find(placements, used.library.soname, &Placement::soname);
        if (placed == placements.end() || placed->keeper == Keeper::image) {
            judge_upon_host(used.library, placements, reasons);
        }
    }
}

bool comes_along(const UsedLibrary& used, const std::vector<Placement>& placements) {
    const auto placed = std::ranges::find(placements, used.library.soname, &Placement::soname);
    return placed == placements.end() ||
           placed->keeper == Keeper::host;  // plugins are not placed by themselves
}

}  // namespace

void judge_placements(const Situation& situation, Reasons& reasons) {
    const auto& host = *situation.host;
    const auto placements = place_libraries(host, situation.counterparts, situation.libc);
    judge_libc_parts(situation, placements, reasons);
    std::vector<Lack> core;
    std::vector<Lack> plugins;
    for (const auto& [group, lacks] :
         {std::pair{&host.libraries, &core}, {&host.plugin_libraries, &plugins}}) {
        for (const auto& used : *group) {
            const auto more =
                comes_along(used, placements) ? lacks_of(situation, used, placements) : std::vector<Lack>{};
            lacks->insert(lacks->end(), more.begin(), more.end());
        }
    }
    judge_core(situation, core, reasons);
    judge_plugins(situation, plugins, reasons);
    if (situation.command != nullptr && situation.command_with_host == nullptr) {  // the proof says the same
        judge_command_upon_host(*situation.command, placements, reasons);
    }
}

}  // namespace mpi_podman
