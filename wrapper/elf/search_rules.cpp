#include "elf/search_rules.hpp"

#include <algorithm>
#include <array>

namespace mpi_podman {
namespace {

/// Where loaders are by the ABI of each architecture; of several in a root the first of ours counts.
constexpr std::array<std::string_view, 14> loaders{
    "/lib64/ld-linux-x86-64.so.2",
    "/lib/ld-linux-aarch64.so.1",
    "/lib64/ld64.so.2",
    "/lib/ld-linux-riscv64-lp64d.so.1",
    "/lib/ld64.so.1",
    "/lib64/ld-linux-loongarch-lp64d.so.1",
    "/lib/ld-linux-armhf.so.3",
    "/lib/ld-linux.so.2",
    "/lib/ld-musl-x86_64.so.1",
    "/lib/ld-musl-aarch64.so.1",
    "/lib/ld-musl-riscv64.so.1",
    "/lib/ld-musl-powerpc64le.so.1",
    "/lib/ld-musl-s390x.so.1",
    "/lib/ld-musl-i386.so.1",
};
constexpr std::string_view musl_loader = "ld-musl-";

struct Loader {
    std::string path;
    Architecture architecture;
};

Loader read_loader(const Rootfs& root, std::string_view path) {
    const auto elf = root.open(path).and_then([](const Fd& file) { return read_elf(file.get()); });
    return elf ? Loader{std::string(path), elf->architecture} : Loader{};
}

Loader find_loader(const Rootfs& root) {
    Loader first;
    for (const auto path : loaders) {
        auto loader = root.resolve(path) ? read_loader(root, path) : Loader{};
        if (!loader.path.empty() && loader.architecture == own_architecture()) {
            return loader;
        }
        if (first.path.empty()) {
            first = loader;
        }
    }
    return first;
}

bool is_directory_text(std::string_view text) {
    return text.size() > 1 && text.front() == '/' && text.back() == '/';
}

/// The strings in a row, from `at` on, that each name a directory; `at` is moved behind them.
std::vector<std::string> directories_in_a_row(std::string_view bytes, std::size_t& at) {
    std::vector<std::string> row;
    for (;;) {
        const auto end = bytes.find('\0', at);
        const auto text = end == std::string_view::npos ? std::string_view{} : bytes.substr(at, end - at);
        if (!is_directory_text(text)) {
            at = end == std::string_view::npos ? bytes.size() : end + 1;
            return row;
        }
        row.emplace_back(text.substr(0, text.size() - 1));
        at = end + 1;
    }
}

/// glibc's loader holds its own directories one behind the other, each with a slash at its end; which they
/// are was chosen when it was built, and differs between distributions.
std::vector<std::string> built_in_directories(const Rootfs& root, const std::string& loader) {
    const auto constants =
        root.open(loader).and_then([](const Fd& file) { return constant_bytes(file.get()); });
    for (const auto& bytes : constants ? *constants : std::vector<std::string>{}) {
        for (std::size_t at = 0; at < bytes.size();) {
            auto row = directories_in_a_row(bytes, at);
            if (row.size() > 1 && std::ranges::any_of(row, [](const std::string& directory) {
                    return directory.starts_with("/usr/lib");
                })) {
                return row;
            }
        }
    }
    return {};
}

void add_glibc(const Rootfs& root, SearchRules& rules) {
    constexpr std::size_t largest_cache = 32U << 20U;
    rules.default_directories = built_in_directories(root, rules.interpreter);
    if (rules.default_directories.empty()) {
        rules.default_directories = rules.architecture.bits == 64
                                        ? std::vector<std::string>{"/lib64", "/usr/lib64"}
                                        : std::vector<std::string>{"/lib", "/usr/lib"};
    }
    rules.lib_token = rules.default_directories.front().substr(1);
    rules.hwcaps = rules.architecture == own_architecture() ? own_hwcaps() : std::vector<std::string>{};
    const auto bytes = root.read("/etc/ld.so.cache", largest_cache);
    auto cache = bytes ? parse_loader_cache(*bytes) : Result<LoaderCache>(failure(bytes.error()));
    if (cache) {
        rules.cache = std::move(*cache);
    } else {
        rules.cache_problem = cache.error().message;
    }
}

/// musl's loader reads /etc/ld-musl-ARCH.path, directories apart by newlines or colons, and has three of its
/// own where there is none (musl's ldso/dynlink.c is what defines it).
void add_musl(const Rootfs& root, SearchRules& rules) {
    constexpr std::size_t largest = 1U << 16U;
    const auto name = rules.interpreter.substr(rules.interpreter.rfind('/') + 1);
    const auto architecture = name.substr(musl_loader.size(), name.find(".so") - musl_loader.size());
    auto listed = root.read("/etc/ld-musl-" + architecture + ".path", largest);
    if (listed) {
        std::ranges::replace(*listed, '\n', ':');
    }
    for (auto& part : parts_of_path(listed ? *listed : "/lib:/usr/local/lib:/usr/lib", {})) {
        rules.default_directories.push_back(std::move(part));
    }
}

}  // namespace

SearchRules search_rules(const Rootfs& root, const std::string& interpreter, std::string_view library_path,
                         const std::string& cwd) {
    const auto loader = interpreter.empty() ? find_loader(root) : read_loader(root, interpreter);
    SearchRules rules;
    rules.interpreter = loader.path;
    rules.architecture = loader.architecture;
    rules.cwd = cwd;
    rules.library_path = parts_of_path(library_path, cwd);
    if (loader.path.empty()) {
        return rules;
    }
    const auto name = std::string_view(loader.path).substr(loader.path.rfind('/') + 1);
    rules.libc = name.starts_with(musl_loader) ? LibcFamily::musl : LibcFamily::glibc;
    rules.libc == LibcFamily::musl ? add_musl(root, rules) : add_glibc(root, rules);
    return rules;
}

std::vector<std::string> own_hwcaps() {
    std::vector<std::string> levels;
#if defined(__x86_64__)
    // The features of the x86-64 psABI's levels that tell them apart in the processors there are.
    __builtin_cpu_init();
    const bool v2 = __builtin_cpu_supports("sse4.2") != 0 && __builtin_cpu_supports("popcnt") != 0;
    const bool v3 = v2 && __builtin_cpu_supports("avx2") != 0 && __builtin_cpu_supports("bmi2") != 0 &&
                    __builtin_cpu_supports("fma") != 0;
    const bool v4 = v3 && __builtin_cpu_supports("avx512bw") != 0 &&
                    __builtin_cpu_supports("avx512cd") != 0 && __builtin_cpu_supports("avx512dq") != 0 &&
                    __builtin_cpu_supports("avx512vl") != 0;
    for (const auto& [has, name] : {std::pair{v4, "x86-64-v4"}, {v3, "x86-64-v3"}, {v2, "x86-64-v2"}}) {
        if (has) {
            levels.emplace_back(name);
        }
    }
#endif
    return levels;
}

std::vector<std::string> parts_of_path(std::string_view path, const std::string& for_empty) {
    std::vector<std::string> parts;
    for (bool more = !path.empty(); more;) {
        const auto end = std::min(path.find_first_of(":;"), path.size());
        const auto part = end == 0 ? std::string_view(for_empty) : path.substr(0, end);
        if (!part.empty()) {
            parts.emplace_back(part);
        }
        more = end < path.size();
        path.remove_prefix(std::min(end + 1, path.size()));
    }
    return parts;
}

}  // namespace mpi_podman
