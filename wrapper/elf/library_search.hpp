/// One library by its name: the search of glibc's and of musl's loader. Of the ELF room alone.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "elf/closure.hpp"

namespace mpi_podman {

struct FoundLibrary {
    std::optional<ElfFile> elf;
    std::string path;
    FoundBy by = FoundBy::path;
    std::vector<std::string> passed_over;
};

class LibrarySearch {
public:
    LibrarySearch(const Rootfs& root, const SearchRules& rules) : root_(&root), rules_(&rules) {}

    /// `chain`: what needs the library, what loaded that, ..., the program; not empty.
    [[nodiscard]] FoundLibrary find(const std::string& name,
                                    const std::vector<const LoadedObject*>& chain) const;

    /// musl's loader is the C library too, and stands for the parts of other systems' (libm.so.6).
    [[nodiscard]] bool is_the_loader(const std::string& name) const;

private:
    /// Tries one file; true where it is the one.
    bool take(const std::string& path, FoundBy by, FoundLibrary& found, const Architecture& wanted) const;
    bool in_directories(const std::string& name, const std::vector<std::string>& directories, FoundBy by,
                        FoundLibrary& found, const Architecture& wanted) const;
    bool in_cache(const std::string& name, const LoadedObject& needs, FoundLibrary& found) const;
    bool glibc(const std::string& name, const std::vector<const LoadedObject*>& chain,
               FoundLibrary& found) const;
    bool musl(const std::string& name, const std::vector<const LoadedObject*>& chain,
              FoundLibrary& found) const;
    /// The directories of an RPATH or RUNPATH of this object, $ORIGIN, $LIB and $PLATFORM replaced.
    [[nodiscard]] std::vector<std::string> expand(const std::string& path, const LoadedObject& object) const;
    [[nodiscard]] bool is_default_directory(const std::string& path) const;

    const Rootfs* root_;
    const SearchRules* rules_;
};

}  // namespace mpi_podman
