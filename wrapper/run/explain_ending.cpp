#include "run/explain_ending.hpp"

#include <unistd.h>

#include <algorithm>
#include <array>
#include <csignal>
#include <cstring>
#include <functional>

#include "inspect/node.hpp"
#include "run/host_mpi.hpp"
#include "run/report.hpp"

namespace mpi_podman {
namespace {

constexpr std::array statuses{1, 15, 126, 127, 255};
constexpr std::array signals{SIGILL, SIGSEGV, SIGBUS, SIGFPE, SIGABRT};
// Of ld.so(8): where a library or a symbol is missing, of musl's too; and where a library lacks a version.
constexpr int lookup_failed = 127;
constexpr int version_failed = 1;

std::string in_words(const Ending& ending) {
    return ending.signal != 0 ? "by " + std::string(::strsignal(ending.signal))
                              : "with status " + std::to_string(ending.status);
}

std::string text_of(const Reason& reason) {
    return reason.what + (reason.why.empty() ? "" : ": " + reason.why);
}

/// All that would have kept the loader from starting it, which then ended as the loader does.
std::optional<Error> certain(const Ending& ending, const CommandFacts& command, const Verdict& verdict) {
    const int expected = command.missing.empty() ? version_failed : lookup_failed;
    const bool seen = !command.missing.empty() || !command.unmet.empty();
    if (!seen || verdict.outcome != Outcome::cannot || ending != Ending{expected, 0}) {
        return std::nullopt;
    }
    constexpr std::size_t most = 3;
    std::string causes;
    std::size_t count = 0;
    for (const auto& reason : verdict.reasons) {
        if (reason.outcome == Outcome::cannot && count++ < most) {
            causes += (causes.empty() ? "" : "; ") + text_of(reason);
        }
    }
    causes += count > most ? "; and " + std::to_string(count - most) + " more" : "";
    return Error{Status::ours, command.asked + " ended " + in_words(ending) + ": " + causes,
                 verdict.reasons.front().remedy};
}

/// Symbols that nothing defines, where the loader may have said so; two families of MPI in one process.
std::optional<Reason> suspicion(const Ending& ending, const CommandFacts& command, const Verdict& verdict) {
    const auto needed = command.needed_mpi();
    const bool mixed = std::ranges::any_of(needed, [&](const std::string& soname) {
        return mpi_name(soname)->family != mpi_name(needed.front())->family;
    });
    const bool undefined = command.undefined && !command.undefined->empty() && ending.status == lookup_failed;
    const auto caveat = std::ranges::find(verdict.reasons, Outcome::caveat, &Reason::outcome);
    return (mixed || undefined) && caveat != verdict.reasons.end() ? std::optional(*caveat) : std::nullopt;
}

/// The program speaks otherwise than mpi-podman took it to.
std::optional<Reason> other_pmi(const CommandFacts& command, const PmiPath& pmi) {
    const auto needed = command.needed_mpi();
    const auto family = needed.empty() ? command.static_mpi : mpi_name(needed.front())->family;
    if (pmi_of(family) == Pmi::none || bridge_for(family, pmi.of_launcher) == pmi.bridge) {
        return std::nullopt;
    }
    const bool is_open_mpi = family == MpiFamily::open_mpi;
    return Reason{
        Outcome::caveat,
        "it has " + std::string(name_of(family)) + ", which speaks " + std::string(name_of(pmi_of(family))),
        pmi.reason, std::string("say so: mpi-podman --pmi=") + (is_open_mpi ? "pmix" : "pmi1")};
}

/// Of what one program shows, as text that another rank reads back; empty: nothing.
std::string look(const EndedRank& rank, const Plan& plan, const Rootfs& root) {
    const auto places = places_of(rank.environment, rank.workdir);
    const auto image = root_facts(root, places);
    for (const auto& program : rank.programs) {
        const auto command = command_facts(root, places, program, Symbols::yes);
        if (command.state != CommandState::runs) {
            continue;  // it did run: it is where nothing could be seen, or a word for an ENTRYPOINT
        }
        if (const auto found = explanation_of(rank.ending, image, command, plan.pmi)) {
            return to_json(*found);
        }
    }
    return {};
}

}  // namespace

bool may_be_explained(const Ending& ending, std::chrono::milliseconds ran) {
    constexpr std::chrono::seconds early{10};
    const bool is_such = ending.signal != 0 ? std::ranges::find(signals, ending.signal) != signals.end()
                                            : std::ranges::find(statuses, ending.status) != statuses.end();
    return is_such && ran <= early;
}

std::optional<Error> explanation_of(const Ending& ending, const RootFacts& image, const CommandFacts& command,
                                    const PmiPath& pmi) {
    const auto verdict = judge(Strategy::image, {&image, &command});
    if (auto found = certain(ending, command, verdict)) {
        return found;
    }
    auto reason = suspicion(ending, command, verdict);
    if (!reason) {
        reason = other_pmi(command, pmi);
    }
    if (!reason) {
        return std::nullopt;
    }
    return Error{Status::ours,
                 command.asked + " ended " + in_words(ending) + " soon after its start; it may be that " +
                     text_of(*reason),
                 reason->remedy};
}

void explain_ending(const EndedRank& rank, const Plan& plan, const std::function<Rootfs()>& root,
                    const JobDirectory& directory) {
    if (!may_be_explained(rank.ending, rank.ran)) {
        return;
    }
    auto key = in_words(rank.ending);
    for (const auto& program : rank.programs) {
        key += '\n' + program;
    }
    const auto name = "why-" + std::to_string(std::hash<std::string>{}(key));
    const auto found = directory.once(name, [&] { return look(rank, plan, root()); });
    if (found && !found->empty()) {
        report(error_from_json(*found), plan.hostname, &directory);
    }
}

void explain_ending(const Ending& ending, std::chrono::milliseconds ran, const Plan& plan,
                    const JobDirectory& directory) {
    if (!may_be_explained(ending, ran) || plan.program.empty()) {
        return;
    }
    Options options;
    options.podman = plan.podman;
    options.image = plan.image;
    const auto image = look_at_image(options);
    if (!image || image->layers.empty()) {
        return;
    }
    const auto seen = seen_in_image(image->environment, plan.environment, environment_from(environ));
    EndedRank ended{
        ending, ran, {plan.program}, to_strings(seen), plan.workdir.empty() ? image->workdir : plan.workdir};
    if (!plan.command.empty() && plan.command.front() != plan.program) {
        ended.programs.push_back(plan.command.front());
    }
    explain_ending(
        ended, plan, [&] { return seen_in_container(plan, image->layers); }, directory);
}

}  // namespace mpi_podman
