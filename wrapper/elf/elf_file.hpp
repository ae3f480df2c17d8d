/// What an ELF file tells the dynamic loader, read without running or trusting it.
///
/// Sources: the System V ABI's chapters "Object Files" and "Dynamic Linking" (gABI), the Linux Standard
/// Base's "Symbol Versioning", elf(5). As the loader does, it goes by the program headers; section headers
/// serve only for the symbol table that a static program was left with.
#pragma once

#include <cstdint>
#include <functional>
#include <set>
#include <string>
#include <string_view>
#include <vector>

#include "sys/result.hpp"

namespace mpi_podman {

/// What a processor must be to run it.
struct Architecture {
    std::uint16_t machine = 0;  ///< EM_X86_64 ... (elf.h); 0 where there is nothing to run
    std::uint8_t bits = 0;      ///< 32 or 64
    bool little_endian = true;
    bool operator==(const Architecture&) const = default;
};

/// As uname(2) names machines where it has a name: "x86_64".
std::string name_of(const Architecture& architecture);
/// Of this program, and so of this host.
Architecture own_architecture();

/// A version that one of the needed libraries must define: GLIBC_2.34 of libc.so.6.
struct VersionNeed {
    std::string library, version;
    bool weak = false;  ///< the loader goes on without it
    bool operator==(const VersionNeed&) const = default;
};

enum class ElfKind : std::uint8_t { executable, shared, other };  ///< a PIE is `shared` with an interpreter

struct ElfFile {
    Architecture architecture;
    ElfKind kind = ElfKind::other;
    bool dynamic = false;                 ///< has a dynamic section; without one it is linked statically
    bool no_default_directories = false;  ///< DF_1_NODEFLIB
    std::string interpreter, soname, rpath, runpath;
    std::vector<std::string> needed;
    /// These two are left empty in a file of the other byte order, which cannot run here.
    std::vector<VersionNeed> version_needs;
    std::vector<std::string> version_definitions;  ///< without the library's own name
    bool operator==(const ElfFile&) const = default;
};

/// Fails where the file is no ELF file, or contradicts itself; never reads outside of it, never loops.
/// `fd` must be seekable.
Result<ElfFile> read_elf(int fd);

struct Symbol {
    std::string name, version;  ///< the version is empty where there is none
    bool weak = false;
    auto operator<=>(const Symbol&) const = default;
};

/// What an ELF file wants of others and has for them. Its own byte order only.
struct ElfSymbols {
    std::vector<Symbol> undefined, defined;
    bool operator==(const ElfSymbols&) const = default;
};
Result<ElfSymbols> read_elf_symbols(int fd);

/// Which of `names` the file itself defines, by its dynamic or its static symbol table: how a library linked
/// into a program shows, where that was not stripped.
using Names = std::set<std::string, std::less<>>;
Result<Names> defined_among(int fd, const Names& names);

/// The bytes of the file that are loaded but not to be written or executed, string literals among them; where
/// the linker did not keep them apart, those that are executed. At most 64 MiB.
Result<std::vector<std::string>> constant_bytes(int fd);

}  // namespace mpi_podman
