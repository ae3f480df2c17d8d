/// What the dynamic loader would load for a program or library, and what it would miss: ld.so(8) done on
/// paper, inside a root, without running anything of it.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "elf/elf_file.hpp"
#include "elf/search_rules.hpp"
#include "rootfs/rootfs.hpp"
#include "sys/result.hpp"

namespace mpi_podman {

enum class FoundBy : std::uint8_t {
    path,               ///< it was named with its directory, or asked for itself
    interpreter,        ///< PT_INTERP
    rpath,              ///< DT_RPATH of what needs it, or of what loaded that
    library_path,       ///< LD_LIBRARY_PATH
    runpath,            ///< DT_RUNPATH of what needs it
    cache,              ///< ld.so.cache
    default_directory,  ///< built into the loader
};
std::string_view name_of(FoundBy by);

struct LoadedObject {
    std::string name;                      ///< as it was asked for: libmpi.so.40
    std::string path;                      ///< where the loader finds it
    std::string file;                      ///< the same without symbolic links
    std::string needed_by;                 ///< a path; empty of what was asked for itself
    std::vector<std::string> other_names;  ///< under which the same file was found again
    FoundBy by = FoundBy::path;
    ElfFile elf;
    bool operator==(const LoadedObject&) const = default;
};

struct MissingLibrary {
    std::string name, needed_by;
    std::vector<std::string> passed_over;  ///< files of that name that the loader does not take, and why
    bool operator==(const MissingLibrary&) const = default;
};

/// A version that is needed and that the library which was found does not define.
struct UnmetVersion {
    std::string library, version, found, needed_by;
    bool operator==(const UnmetVersion&) const = default;
};

struct Closure {
    std::vector<LoadedObject> objects;  ///< in the order of loading
    std::vector<MissingLibrary> missing;
    std::vector<UnmetVersion> unmet;
    bool operator==(const Closure&) const = default;

    /// The object that stands for a library of this name or SONAME; nullptr where there is none.
    [[nodiscard]] const LoadedObject* find(std::string_view name) const;
};

/// Loads `paths` one after the other, as a program and what it opens later (dlopen(3)), each with all that it
/// needs. Fails where one of `paths` itself is no ELF file; everything else is in the Closure.
Result<Closure> load(const Rootfs& root, const SearchRules& rules, const std::vector<std::string>& paths);

struct FoundAt {
    std::string path;
    FoundBy by = FoundBy::path;
    bool operator==(const FoundAt&) const = default;
};

/// Where the loader finds a library for a program that has no RPATH or RUNPATH of its own.
std::optional<FoundAt> find_library(const Rootfs& root, const SearchRules& rules, const std::string& name);

/// A symbol that must be there and that nothing in the closure defines.
struct UndefinedSymbol {
    std::string name, version, needed_by;
    bool operator==(const UndefinedSymbol&) const = default;
};

/// Reads the symbols of all objects: milliseconds for each. What the loader binds only when it is called is
/// among them: a program may run for long without.
std::vector<UndefinedSymbol> undefined_symbols(const Rootfs& root, const Closure& closure);

}  // namespace mpi_podman
