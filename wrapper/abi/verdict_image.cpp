#include <algorithm>
#include <map>

#include "abi/reasons.hpp"

namespace mpi_podman {
namespace {

std::string remedy_of(CommandState state) {
    switch (state) {
        case CommandState::not_found: return "check its name, or where it is in the image";
        case CommandState::not_executable: return "chmod +x";
        case CommandState::unreadable: return "chmod +r, to have it looked at";
        case CommandState::no_interpreter: return "build or install it for the image's system";
        case CommandState::foreign: return "build it, or take an image, for " + name_of(own_architecture());
        case CommandState::no_program:
        case CommandState::runs: break;
    }
    return {};
}

/// What of the same kind the image has in place of a library that is missing.
const MpiInstallation* like(const RootFacts& image, std::string_view soname) {
    const auto name = mpi_name(soname);
    const auto found = std::ranges::find_if(
        image.mpis, [&](const MpiInstallation& mpi) { return name && mpi.family == name->family; });
    return found == image.mpis.end() ? nullptr : &*found;
}

Reason missing_library(const RootFacts& image, const MissingLibrary& missing) {
    Reason reason{
        Outcome::cannot, missing.name + " is not in the image; " + missing.needed_by + " needs it", {}, {}};
    if (!missing.passed_over.empty()) {
        reason.why = "not taken: " + missing.passed_over.front();
    } else if (!image.cache_problem.empty()) {
        reason.why = image.cache_problem;
    }
    if (mpi_name(missing.name)) {
        explain_missing_mpi(missing.name, like(image, missing.name), reason);
    } else {
        reason.remedy = "install it in the image, or name its directory in LD_LIBRARY_PATH";
    }
    return reason;
}

Reason unmet_version(const RootFacts& image, const UnmetVersion& unmet) {
    Reason reason{Outcome::cannot, unmet.needed_by + " needs " + unmet.version + " of " + unmet.library,
                  "the image's " + unmet.found + " does not have it",
                  "build it in the image, or on a system as old"};
    if (is_part_of_libc(unmet.library)) {
        reason.why = "the image has " + describe_libc(image.libc, image.libc_release);
    }
    return reason;
}

/// Libraries of an image may be built with another MPI than the program.
void judge_families(const CommandFacts& command, Reasons& reasons) {
    std::map<MpiFamily, std::string> families;
    for (const auto& soname : command.needed_mpi()) {
        families.emplace(mpi_name(soname)->family, soname);
    }
    if (families.size() > 1) {
        reasons.push_back(
            {Outcome::caveat,
             command.program + " loads " + families.begin()->second + " and " + families.rbegin()->second,
             "two families of MPI in one process take each other's functions",
             "build the program and its libraries with one MPI"});
    }
}

/// One reason for each object that uses such symbols.
void judge_symbols(const std::vector<UndefinedSymbol>& undefined, Reasons& reasons) {
    constexpr std::size_t most_names = 5;
    std::map<std::string, std::vector<std::string>> by_object;
    for (const auto& symbol : undefined) {
        by_object[symbol.needed_by].push_back(symbol.name +
                                              (symbol.version.empty() ? "" : "@" + symbol.version));
    }
    for (const auto& [object, names] : by_object) {
        std::string words;
        for (std::size_t i = 0; i < names.size() && i < most_names; ++i) {
            words += (i == 0 ? "" : ", ") + names[i];
        }
        words +=
            names.size() > most_names ? " and " + std::to_string(names.size() - most_names) + " more" : "";
        reasons.push_back({Outcome::caveat, object + " uses " + words,
                           "no library that it loads has that: it ends when it comes to it",
                           "build it with the libraries it runs with"});
    }
}

}  // namespace

void explain_missing_mpi(std::string_view soname, const MpiInstallation* instead, Reason& reason) {
    const auto name = mpi_name(soname);
    constexpr unsigned without_cxx = 5;
    const bool is_cxx = name && name->family == MpiFamily::open_mpi && name->binding == MpiBinding::cxx;
    if (instead == nullptr) {
        reason.why = "there is no " + std::string(name_of(name ? name->family : MpiFamily::none)) + " there";
        reason.remedy = "link the program with the MPI that is there, or take an image with this one";
    } else if (is_cxx && number_at(abi_version_from(instead->release), 0) >= without_cxx) {
        reason.why = "Open MPI 5 dropped the C++ bindings; there is " + describe(*instead);
        reason.remedy =
            "link without -lmpi_cxx (OMPI_SKIP_MPICXX for C++ that uses the C interface), or take Open MPI 4";
    } else {
        reason.why = "there is " + describe(*instead) + " (" + instead->libmpi.path + ")";
        reason.remedy = "install that part of it, or link the program with what is there";
    }
}

void judge_start(const Situation& situation, Reasons& reasons) {
    const auto& image = *situation.image;
    if (image.architecture.machine != 0 && image.architecture != own_architecture()) {
        reasons.push_back({Outcome::cannot, "the image is for " + name_of(image.architecture),
                           "this host is " + name_of(own_architecture()),
                           "pull or build it for this host's architecture"});
    }
    if (situation.command != nullptr && situation.command->state != CommandState::runs) {
        const auto& command = *situation.command;
        const bool unknown = command.state == CommandState::unreadable;
        reasons.push_back(
            {unknown ? Outcome::caveat : Outcome::cannot, command.problem, {}, remedy_of(command.state)});
    }
}

void judge_closure(const RootFacts& image, const CommandFacts& command, Reasons& reasons) {
    for (const auto& missing : command.missing) {
        reasons.push_back(missing_library(image, missing));
    }
    for (const auto& unmet : command.unmet) {
        reasons.push_back(unmet_version(image, unmet));
    }
    if (!command.missing.empty()) {
        return;  // what a library that is missing would have defined is no news
    }
    auto undefined = command.undefined.value_or(std::vector<UndefinedSymbol>{});
    std::erase_if(undefined, [&](const UndefinedSymbol& symbol) {  // said already, by its version
        return std::ranges::any_of(command.unmet, [&](const UnmetVersion& unmet) {
            return unmet.version == symbol.version && unmet.needed_by == symbol.needed_by;
        });
    });
    judge_symbols(undefined, reasons);
}

void judge_image(const Situation& situation, Reasons& reasons) {
    if (situation.command == nullptr || situation.command->state != CommandState::runs) {
        return;
    }
    const auto& command = *situation.command;
    judge_closure(*situation.image, command, reasons);
    judge_families(command, reasons);
    if (command.static_mpi != MpiFamily::none) {
        reasons.push_back({Outcome::works, "MPI is linked into the program", {}, {}});
    } else if (command.needed_mpi().empty() && situation.image->mpis.empty()) {
        reasons.push_back(
            {Outcome::caveat, command.program + " is not linked with MPI, and the image has none",
             "if it is to use MPI it will not find one", "install an MPI in the image, or --mpi=host"});
    }
}

}  // namespace mpi_podman
