#include <algorithm>

#include "abi/reasons.hpp"

namespace mpi_podman {
namespace {

/// The host's library for one that a program names, the names of all MPICHs being one.
const Library* hosts_library(const HostMpi& host, std::string_view soname) {
    const auto wanted = shared_name(soname);
    const auto is_it = [&](const Library& library) { return shared_name(library.soname) == wanted; };
    const auto is_called = [&](const std::string& name) { return shared_name(name) == wanted; };
    if (is_it(host.mpi.libmpi) || std::ranges::any_of(host.mpi.names, is_called)) {
        return &host.mpi.libmpi;
    }
    const auto other = std::ranges::find_if(host.mpi.others, is_it);
    return other == host.mpi.others.end() ? nullptr : &*other;
}

void judge_version(const Library& ours, const Library& theirs, AbiCheck check, Reasons& reasons) {
    if (auto reason = mpi_podman::judge_version(ours, theirs, check)) {
        reasons.push_back(std::move(*reason));
    }
}

/// A part of the image's MPI that the host's has not: only the image's own could do, with the host's libmpi
/// below.
void judge_missing_part(const HostMpi& host, const CommandFacts& command, const std::string& soname,
                        Reasons& reasons) {
    Reason reason{Outcome::cannot, soname + " is not among the host's MPI", {}, {}};
    explain_missing_mpi(soname, &host.mpi, reason);
    const auto* images = command.find(soname);
    const auto same_series =
        images != nullptr && release_series(host.mpi.family, images->library.version) ==
                                 release_series(host.mpi.family, host.mpi.libmpi.version);
    if (images != nullptr && same_series) {
        reason.outcome = Outcome::caveat;
        reason.why += "; the image's own is used with it";
    }
    reasons.push_back(std::move(reason));
}

void judge_needed(const Situation& situation, const std::string& soname, Reasons& reasons) {
    const auto& host = *situation.host;
    const auto name = mpi_name(soname);
    const auto* ours = hosts_library(host, soname);
    const auto* theirs = situation.command->find(soname);
    if (ours != nullptr && theirs != nullptr) {
        judge_version(*ours, theirs->library, situation.check, reasons);
    } else if (ours != nullptr) {
        reasons.push_back(
            {Outcome::works, soname + " is not in the image: the host's is the only one", {}, {}});
    } else if (name && name->family != host.mpi.family) {
        reasons.push_back(
            {Outcome::cannot,
             "the program is linked with " + soname + ", of " + std::string(name_of(name->family)),
             "the host has " + describe(host.mpi) + ": the families have different ABIs",
             "name a host MPI of that family (--mpi-prefix), or use the image's own MPI"});
    } else if (name && name->binding == MpiBinding::c) {
        reasons.push_back(
            {Outcome::cannot, "the program is linked with " + soname,
             "the host's " + describe(host.mpi) + " is " + host.mpi.libmpi.soname + ": another ABI",
             "build it with this release, or use the image's own MPI"});
    } else {
        judge_missing_part(host, *situation.command, soname, reasons);
    }
}

/// Nothing says which MPI will be loaded, as with Python: that of the image, if it has one, is what it was
/// installed for.
void judge_unlinked(const Situation& situation, Reasons& reasons) {
    const auto& host = *situation.host;
    const auto& mpis = situation.image->mpis;
    if (mpis.empty()) {
        return;
    }
    const auto same = std::ranges::find(mpis, host.mpi.family, &MpiInstallation::family);
    if (same != mpis.end()) {
        judge_version(host.mpi.libmpi, same->libmpi, situation.check, reasons);
    } else {
        reasons.push_back(
            {Outcome::caveat, "the image has " + describe(mpis.front()) + ", the host " + describe(host.mpi),
             "the program is not linked with MPI itself: what it loads later may need the image's family",
             "name a host MPI of that family (--mpi-prefix), or use the image's own MPI"});
    }
}

void judge_command(const Situation& situation, Reasons& reasons) {
    const auto& command = *situation.command;
    const auto needed = command.needed_mpi();
    if (command.static_mpi != MpiFamily::none) {
        reasons.push_back(
            {Outcome::cannot, std::string(name_of(command.static_mpi)) + " is linked into " + command.program,
             "no other can take its place", "link it with the shared libraries, or run it with its own MPI"});
    }
    for (const auto& soname : needed) {
        judge_needed(situation, soname, reasons);
    }
    if (needed.empty() && command.static_mpi == MpiFamily::none) {
        judge_unlinked(situation, reasons);
    }
}

/// What is missing for the command besides MPI, which the host brings; or all there is, where somebody
/// looked.
void judge_rest(const Situation& situation, Reasons& reasons) {
    if (situation.command_with_host != nullptr) {
        judge_closure(*situation.image, *situation.command_with_host, reasons);
        return;
    }
    auto others = *situation.command;
    const auto placements = place_libraries(*situation.host, situation.counterparts, situation.libc);
    const auto brought = [&](std::string_view soname) {
        const auto placed = std::ranges::find(placements, soname, &Placement::soname);
        return mpi_name(soname) || (placed != placements.end() && placed->keeper == Keeper::host);
    };
    std::erase_if(others.missing, [&](const MissingLibrary& missing) { return brought(missing.name); });
    std::erase_if(others.unmet, [&](const UnmetVersion& unmet) { return brought(unmet.library); });
    others.undefined.reset();  // MPI's own are the host's to define
    judge_closure(*situation.image, others, reasons);
}

}  // namespace

std::optional<Reason> judge_version(const Library& hosts, const Library& images, AbiCheck check) {
    const auto relation = compare_abi(hosts.version, images.version, check);
    const auto both =
        "the host's is " + to_string(hosts.version) + ", the image's " + to_string(images.version);
    if (relation == AbiRelation::differs) {
        return Reason{Outcome::cannot, hosts.soname + " of the host does not stand for the image's",
                      both + " (ABI check: " + std::string(name_of(check)) + ")",
                      check <= AbiCheck::major ? "use the image's own MPI"
                                               : "use a laxer check, or the image's own MPI"};
    }
    if (relation == AbiRelation::older) {
        return Reason{Outcome::caveat, hosts.soname + " of the host is older than the image's", both,
                      "a function added in between would be missing: build with the host's release"};
    }
    return std::nullopt;
}

void judge_host(const Situation& situation, Reasons& reasons) {
    if (situation.host == nullptr) {
        reasons.push_back({Outcome::cannot,
                           "no MPI was found on this host",
                           {},
                           "install one, or name its directory (--mpi-prefix)"});
        return;
    }
    const auto& host = *situation.host;
    const auto& image = *situation.image;
    for (const auto& missing : host.missing) {
        reasons.push_back({Outcome::cannot,
                           "the host's own " + missing.needed_by + " does not find " + missing.name,
                           {},
                           "complete the host's MPI: load its module, or set LD_LIBRARY_PATH as it wants"});
    }
    if (image.libc != LibcFamily::glibc && host.libc == LibcFamily::glibc) {
        reasons.push_back({Outcome::cannot, "the image has " + describe_libc(image.libc, image.libc_release),
                           "the host's MPI is built for " + describe_libc(host.libc, host.libc_release),
                           "use the image's own MPI, or an image with glibc"});
        return;
    }
    if (situation.libc == LibcFrom::host) {
        reasons.push_back(
            {Outcome::caveat,
             "the image has " + describe_libc(image.libc, image.libc_release) +
                 ", older than the host's MPI needs: the container gets the host's",
             describe_libc(host.libc, host.libc_release) + " runs what was built with an older one",
             {}});
    }
    judge_placements(situation, reasons);
    if (situation.command == nullptr) {
        judge_unlinked(situation, reasons);
    } else if (situation.command->state == CommandState::runs) {
        judge_command(situation, reasons);
        judge_rest(situation, reasons);
    }
}

}  // namespace mpi_podman
