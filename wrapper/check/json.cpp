#include "check/json.hpp"

#include <nlohmann/json.hpp>

namespace mpi_podman {
namespace {

using nlohmann::ordered_json;

constexpr int format = 1;

std::string_view word_of(MpiFamily family) {
    switch (family) {
        case MpiFamily::open_mpi: return "open-mpi";
        case MpiFamily::mpich: return "mpich";
        case MpiFamily::standard_abi: return "standard-abi";
        case MpiFamily::none: break;
    }
    return "none";
}

std::string_view word_of(LibcFamily libc) {
    return libc == LibcFamily::glibc ? "glibc" : libc == LibcFamily::musl ? "musl" : "none";
}

std::string_view word_of(Launcher launcher) {
    switch (launcher) {
        case Launcher::open_mpi_4: return "open-mpi-4";
        case Launcher::prrte: return "prrte";
        case Launcher::hydra: return "hydra";
        case Launcher::slurm: return "slurm";
        case Launcher::none: break;
    }
    return "none";
}

std::string_view word_of(Pmi pmi) {
    switch (pmi) {
        case Pmi::pmi1: return "pmi1";
        case Pmi::pmi2: return "pmi2";
        case Pmi::pmix: return "pmix";
        case Pmi::none: break;
    }
    return "none";
}

std::string_view word_of(CommandState state) {
    switch (state) {
        case CommandState::runs: return "runs";
        case CommandState::not_found: return "not-found";
        case CommandState::not_executable: return "not-executable";
        case CommandState::unreadable: return "unreadable";
        case CommandState::no_program: return "no-program";
        case CommandState::no_interpreter: return "no-interpreter";
        case CommandState::foreign: return "foreign";
    }
    return "";
}

template <typename Items, typename ToJson>
ordered_json list_of(const Items& items, const ToJson& to_json) {
    auto list = ordered_json::array();
    for (const auto& item : items) {
        list.push_back(to_json(item));
    }
    return list;
}

ordered_json to_json(const Library& library) {
    return {{"soname", library.soname}, {"version", to_string(library.version)}, {"path", library.path}};
}

ordered_json to_json(const MpiInstallation& mpi) {
    auto object = to_json(mpi.libmpi);
    object["family"] = word_of(mpi.family);
    object["vendor"] = mpi.vendor;
    object["release"] = mpi.release;
    object["found_by_loader"] = mpi.found_by_loader;
    object["others"] = list_of(mpi.others, [](const Library& other) { return to_json(other); });
    return object;
}

ordered_json to_json(const ReleasedLibrary& released) {
    auto object = to_json(released.library);
    object["release"] = released.release;
    object["found_by_loader"] = released.found_by_loader;
    return object;
}

ordered_json to_json(const RootFacts& facts) {
    const auto released = [](const ReleasedLibrary& library) { return to_json(library); };
    return {{"architecture", facts.architecture.machine == 0 ? "" : name_of(facts.architecture)},
            {"libc", {{"family", word_of(facts.libc)}, {"release", facts.libc_release}}},
            {"mpi", list_of(facts.mpis, [](const MpiInstallation& mpi) { return to_json(mpi); })},
            {"pmi", list_of(facts.pmi, released)},
            {"fabrics", list_of(facts.transports, released)}};
}

ordered_json to_json(const CommandFacts& command) {
    const auto used = [](const UsedLibrary& library) {
        auto object = to_json(library.library);
        object["needed_by"] = library.needed_by;
        object["found_by"] = name_of(library.by);
        return object;
    };
    const auto missing = [](const MissingLibrary& library) -> ordered_json {
        return {
            {"name", library.name}, {"needed_by", library.needed_by}, {"passed_over", library.passed_over}};
    };
    const auto unmet = [](const UnmetVersion& version) -> ordered_json {
        return {{"version", version.version},
                {"library", version.library},
                {"found", version.found},
                {"needed_by", version.needed_by}};
    };
    const auto undefined = [](const UndefinedSymbol& symbol) -> ordered_json {
        return {{"name", symbol.name}, {"version", symbol.version}, {"needed_by", symbol.needed_by}};
    };
    return {{"asked", command.asked},
            {"state", word_of(command.state)},
            {"problem", command.problem},
            {"path", command.path},
            {"interpreters", command.interpreters},
            {"program", command.program},
            {"static_mpi", word_of(command.static_mpi)},
            {"mpi_libraries", command.needed_mpi()},
            {"libraries", list_of(command.libraries, used)},
            {"missing", list_of(command.missing, missing)},
            {"unmet_versions", list_of(command.unmet, unmet)},
            {"undefined_symbols",
             list_of(command.undefined.value_or(std::vector<UndefinedSymbol>{}), undefined)}};
}

ordered_json to_json(const HostLauncher& launcher) {
    return {{"launcher", word_of(launcher.launcher)},
            {"release", launcher.release},
            {"pmi", word_of(launcher.pmi)},
            {"path", launcher.path},
            {"command", launcher.command}};
}

ordered_json to_json(const StrategyReport& strategy) {
    const auto reason = [](const Reason& given) -> ordered_json {
        return {{"outcome", word_of(given.outcome)},
                {"what", given.what},
                {"why", given.why},
                {"remedy", given.remedy}};
    };
    return {{"strategy", word_of(strategy.verdict.strategy)},
            {"outcome", word_of(strategy.verdict.outcome)},
            {"reasons", list_of(strategy.verdict.reasons, reason)},
            {"pmi", strategy.pmi},
            {"command_line", strategy.command_line}};
}

}  // namespace

std::string_view word_of(Strategy strategy) {
    return strategy == Strategy::image ? "image" : strategy == Strategy::bridge ? "bridge" : "host";
}

std::string_view word_of(Outcome outcome) {
    return outcome == Outcome::works ? "works" : outcome == Outcome::caveat ? "caveat" : "cannot";
}

std::string json_of(const CheckReport& report) {
    const auto launcher = [](const HostLauncher& each) { return to_json(each); };
    const auto gpus = [](const Gpus& each) -> ordered_json {
        return {{"kind", each.kind}, {"names", each.names}, {"file", each.file}};
    };
    auto image = to_json(report.in_image);
    image["name"] = report.image;
    image["id"] = report.image_id;
    auto host = to_json(report.on_host);
    host["name"] = report.node;
    host["devices"] = report.devices.fabric;
    host["gpus"] = list_of(report.devices.gpus, gpus);
    host["chosen_mpi"] = report.host_mpi ? to_json(*report.host_mpi) : ordered_json(nullptr);
    const ordered_json recommended =
        report.recommended ? ordered_json(word_of(report.strategies.at(*report.recommended).verdict.strategy))
                           : ordered_json(nullptr);
    const ordered_json all{
        {"format", format},
        {"mpi_podman", report.version},
        {"image", image},
        {"host", host},
        {"command", report.command ? to_json(*report.command) : ordered_json(nullptr)},
        {"launcher", to_json(report.launcher)},
        {"other_launchers", list_of(report.other_launchers, launcher)},
        {"strategies",
         list_of(report.strategies, [](const StrategyReport& strategy) { return to_json(strategy); })},
        {"recommended", recommended}};
    return all.dump(2, ' ', false, ordered_json::error_handler_t::replace) + "\n";
}

}  // namespace mpi_podman
