#include "abi/facts_json.hpp"
#include "sys/whole_json.hpp"

#include <nlohmann/json.hpp>

namespace mpi_podman {

using nlohmann::json;

// Each list stands for both directions; a member that is not in it is not kept, and the tests find that.
// NOLINTBEGIN(cppcoreguidelines-*,modernize-*,misc-*): the library's macros
NLOHMANN_JSON_SERIALIZE_ENUM(LibcFamily, {{LibcFamily::none, "none"},
                                          {LibcFamily::glibc, "glibc"},
                                          {LibcFamily::musl, "musl"}})
NLOHMANN_JSON_SERIALIZE_ENUM(MpiFamily, {{MpiFamily::none, "none"},
                                         {MpiFamily::open_mpi, "open-mpi"},
                                         {MpiFamily::mpich, "mpich"},
                                         {MpiFamily::standard_abi, "standard-abi"}})
NLOHMANN_JSON_SERIALIZE_ENUM(FoundBy, {{FoundBy::path, "path"},
                                       {FoundBy::interpreter, "interpreter"},
                                       {FoundBy::rpath, "rpath"},
                                       {FoundBy::library_path, "library-path"},
                                       {FoundBy::runpath, "runpath"},
                                       {FoundBy::cache, "cache"},
                                       {FoundBy::default_directory, "default-directory"}})
NLOHMANN_JSON_SERIALIZE_ENUM(CommandState, {{CommandState::not_found, "not-found"},
                                            {CommandState::runs, "runs"},
                                            {CommandState::not_executable, "not-executable"},
                                            {CommandState::unreadable, "unreadable"},
                                            {CommandState::no_program, "no-program"},
                                            {CommandState::no_interpreter, "no-interpreter"},
                                            {CommandState::foreign, "foreign"}})
NLOHMANN_JSON_SERIALIZE_ENUM(Strategy, {{Strategy::image, "image"},
                                        {Strategy::bridge, "bridge"},
                                        {Strategy::host, "host"}})
NLOHMANN_JSON_SERIALIZE_ENUM(Outcome, {{Outcome::works, "works"},
                                       {Outcome::caveat, "caveat"},
                                       {Outcome::cannot, "cannot"}})

NLOHMANN_DEFINE_TYPE_NON_INTRUSIVE(Architecture, machine, bits, little_endian)
NLOHMANN_DEFINE_TYPE_NON_INTRUSIVE(VersionNeed, library, version, weak)
NLOHMANN_DEFINE_TYPE_NON_INTRUSIVE(MissingLibrary, name, needed_by, passed_over)
NLOHMANN_DEFINE_TYPE_NON_INTRUSIVE(UnmetVersion, library, version, found, needed_by)
NLOHMANN_DEFINE_TYPE_NON_INTRUSIVE(UndefinedSymbol, name, version, needed_by)
NLOHMANN_DEFINE_TYPE_NON_INTRUSIVE(Library, path, file, soname, version, version_needs, version_definitions)
NLOHMANN_DEFINE_TYPE_NON_INTRUSIVE(MpiInstallation, family, vendor, release, libmpi, names, others,
                                   found_by_loader)
NLOHMANN_DEFINE_TYPE_NON_INTRUSIVE(ReleasedLibrary, library, release, found_by_loader)
NLOHMANN_DEFINE_TYPE_NON_INTRUSIVE(RootFacts, architecture, libc, libc_release, interpreter, library_path,
                                   default_directories, has_cache, cache_problem, directories, mpis, pmi,
                                   transports)
NLOHMANN_DEFINE_TYPE_NON_INTRUSIVE(UsedLibrary, library, name, needed_by, by)
NLOHMANN_DEFINE_TYPE_NON_INTRUSIVE(PluginDirectory, path, opener, plugins)
NLOHMANN_DEFINE_TYPE_NON_INTRUSIVE(HostMpi, mpi, architecture, libc, libc_release, libraries, missing, unmet,
                                   plugin_directories, plugin_libraries)
NLOHMANN_DEFINE_TYPE_NON_INTRUSIVE(Reason, outcome, what, why, remedy)
NLOHMANN_DEFINE_TYPE_NON_INTRUSIVE(Verdict, strategy, outcome, reasons)

namespace known {  // all of CommandFacts but the member that may be absent
NLOHMANN_DEFINE_TYPE_NON_INTRUSIVE(CommandFacts, asked, state, problem, path, interpreters, program,
                                   architecture, version_needs, is_static, static_mpi, libraries, missing,
                                   unmet)
}  // namespace known
// NOLINTEND(cppcoreguidelines-*,modernize-*,misc-*)

namespace {

std::string text_of(const json& value) { return value.dump(-1, ' ', false, json::error_handler_t::replace); }

template <typename T>
std::optional<T> parsed(std::string_view text) {
    try {
        return whole_json(text).get<T>();
    } catch (const json::exception&) {
        return std::nullopt;
    }
}

}  // namespace

std::string json_of(const RootFacts& facts) { return text_of(facts); }
std::string json_of(const HostMpi& host) { return text_of(host); }
std::string json_of(const Verdict& verdict) { return text_of(verdict); }
std::string json_of(const std::vector<Library>& libraries) { return text_of(libraries); }

std::string json_of(const CommandFacts& facts) {
    json value;
    known::to_json(value, facts);
    if (facts.undefined) {
        value["undefined"] = *facts.undefined;
    }
    return text_of(value);
}

std::optional<RootFacts> root_facts_from(std::string_view text) { return parsed<RootFacts>(text); }
std::optional<HostMpi> host_mpi_from(std::string_view text) { return parsed<HostMpi>(text); }

std::optional<std::vector<Library>> libraries_from(std::string_view text) {
    return parsed<std::vector<Library>>(text);
}

std::optional<CommandFacts> command_facts_from(std::string_view text) {
    try {
        const auto value = whole_json(text);
        CommandFacts facts;
        known::from_json(value, facts);
        if (value.contains("undefined")) {
            facts.undefined = value.at("undefined").get<std::vector<UndefinedSymbol>>();
        }
        return facts;
    } catch (const json::exception&) {
        return std::nullopt;
    }
}

}  // namespace mpi_podman
