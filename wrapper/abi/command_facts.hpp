/// What will run when a root is asked for a command, and what the loader makes of it.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "abi/library.hpp"
#include "abi/mpi_family.hpp"
#include "abi/root_facts.hpp"
#include "elf/closure.hpp"
#include "rootfs/rootfs.hpp"

namespace mpi_podman {

enum class CommandState : std::uint8_t {
    runs,            ///< as far as starting it goes: its libraries may be missing
    not_found,       ///< nor anywhere in PATH
    not_executable,  ///< nobody may execute it
    unreadable,      ///< by us; whoever may execute it need not be able to read it
    no_program,      ///< neither ELF nor a script, or a broken one
    no_interpreter,  ///< its script's interpreter, or its dynamic loader, is not there
    foreign,         ///< for another architecture than this host's
};

/// A library of the command's closure.
struct UsedLibrary {
    Library library;
    std::string name, needed_by;  ///< as it was asked for, and by which path
    FoundBy by = FoundBy::path;
    bool operator==(const UsedLibrary&) const = default;
};

struct CommandFacts {
    std::string asked;
    CommandState state = CommandState::not_found;
    std::string problem;  ///< in words, where it does not run
    std::string path;     ///< of what was asked for; empty where it was not found
    std::vector<std::string>
        interpreters;     ///< of scripts, the outermost first: /usr/bin/env, /usr/bin/python3
    std::string program;  ///< the ELF file that runs in the end
    Architecture architecture;
    std::vector<VersionNeed> version_needs;  ///< of the program itself
    bool is_static = false;                  ///< the program has no dynamic loader
    MpiFamily static_mpi = MpiFamily::none;  ///< linked into it
    std::vector<UsedLibrary> libraries;      ///< in the order of loading, the program itself left out
    std::vector<MissingLibrary> missing;
    std::vector<UnmetVersion> unmet;
    /// Only where it was asked for.
    std::optional<std::vector<UndefinedSymbol>> undefined;
    bool operator==(const CommandFacts&) const = default;

    /// The SONAMEs of MPI's libraries that it needs, found or not.
    [[nodiscard]] std::vector<std::string> needed_mpi() const;
    /// The library that stands for this name; nullptr where there is none.
    [[nodiscard]] const UsedLibrary* find(std::string_view name) const;
};

enum class Symbols : std::uint8_t { no, yes };

/// `command` as execvp(3) takes it: a name is looked for in `places.path`, a path below `places.cwd`.
CommandFacts command_facts(const Rootfs& root, const Places& places, const std::string& command,
                           Symbols symbols = Symbols::no);

}  // namespace mpi_podman
