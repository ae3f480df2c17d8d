/// A shared library as the ABI's rules see it: its name, its full version, what it wants and has.
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "elf/elf_file.hpp"
#include "rootfs/rootfs.hpp"

namespace mpi_podman {

/// The numbers behind ".so.": major, minor, patch as far as they are there.
using AbiVersion = std::vector<unsigned>;
AbiVersion abi_version_from(std::string_view text);  ///< "40.30.4"; stops where it is no number
std::string to_string(const AbiVersion& version);
/// Missing numbers are zeros.
unsigned number_at(const AbiVersion& version, std::size_t index);

struct Library {
    std::string path;    ///< where the loader has it from: /usr/lib/x86_64-linux-gnu/libmpi.so.40
    std::string file;    ///< the same without symbolic links
    std::string soname;  ///< DT_SONAME, or the name of the path where it has none
    AbiVersion version;
    std::vector<VersionNeed> version_needs;
    std::vector<std::string> version_definitions;
    bool operator==(const Library&) const = default;
};

/// "/usr/lib" and "libmpi.so.40" of "/usr/lib/libmpi.so.40".
std::string directory_of(const std::string& path);
std::string_view name_in(std::string_view path);

/// "libmpi" of "libmpi.so.40.30.4".
std::string_view stem_of(std::string_view file_name);

/// The full version of a library: the longest that a name of the same file has in its directory (the chain
/// libmpi.so -> libmpi.so.40 -> libmpi.so.40.30.4). Where that has another major number than the SONAME, the
/// SONAME's: it is what programs were linked with.
AbiVersion version_of_library(const Rootfs& root, const std::string& file, const std::string& soname);

/// Reads one. `elf` is its file's.
Library library_from(const Rootfs& root, const std::string& path, const ElfFile& elf);
/// Nothing where it is no ELF file.
std::optional<Library> read_library(const Rootfs& root, const std::string& path);

/// Of each series the highest, as the lower ones come with it: GLIBC_2.34, GLIBCXX_3.4.30.
std::vector<std::string> highest_of_each(const std::vector<std::string>& names);

/// The highest version of this series that is among `definitions` or `needs`: {2, 36} of "GLIBC_" for
/// GLIBC_2.36; empty where there is none.
AbiVersion highest_of_series(const std::vector<std::string>& names, std::string_view series);

}  // namespace mpi_podman
