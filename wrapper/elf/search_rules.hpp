/// Where the dynamic loader of a root looks for libraries: what ld.so(8) says, as far as it does not depend
/// on the object that needs them.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "elf/elf_file.hpp"
#include "elf/loader_cache.hpp"
#include "rootfs/rootfs.hpp"
#include "sys/result.hpp"

namespace mpi_podman {

enum class LibcFamily : std::uint8_t { none, glibc, musl };

struct SearchRules {
    LibcFamily libc = LibcFamily::none;
    std::string interpreter;  ///< the loader: /lib64/ld-linux-x86-64.so.2; empty where the root has none
    Architecture architecture;
    std::string cwd;                        ///< what an empty part of a search path means
    std::vector<std::string> library_path;  ///< LD_LIBRARY_PATH
    std::vector<std::string>
        default_directories;          ///< built into the loader; of musl, those of its .path file
    std::string lib_token;            ///< what $LIB stands for: lib/x86_64-linux-gnu
    std::vector<std::string> hwcaps;  ///< glibc-hwcaps subdirectories for the processor, the best first
    LoaderCache cache;                ///< empty where there is none, or musl
    std::string cache_problem;        ///< why it cannot be read; then the loader has none either
    bool operator==(const SearchRules&) const = default;
};

/// Of the loader that a program names, or `interpreter` empty, of the one that the root has at a known place:
/// of this architecture if it can be.
/// `library_path` is LD_LIBRARY_PATH's value; an empty part of it is `cwd`.
SearchRules search_rules(const Rootfs& root, const std::string& interpreter, std::string_view library_path,
                         const std::string& cwd);

/// The glibc-hwcaps subdirectories that this machine's processor is up to, the best first.
std::vector<std::string> own_hwcaps();

/// The parts of a search path: separated by ':' or ';', empty ones replaced.
std::vector<std::string> parts_of_path(std::string_view path, const std::string& for_empty);

}  // namespace mpi_podman
