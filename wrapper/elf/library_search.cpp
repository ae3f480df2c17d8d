#include "elf/library_search.hpp"

#include <algorithm>
#include <array>

namespace mpi_podman {
namespace {

std::string directory_of(const std::string& path) {
    return path.substr(0, std::max<std::size_t>(path.rfind('/'), 1));
}

void replace_all(std::string& text, std::string_view from, const std::string& to) {
    for (auto at = text.find(from); at != std::string::npos; at = text.find(from, at + to.size())) {
        text.replace(at, from.size(), to);
    }
}

constexpr std::size_t longest_path = 4096;

/// $TOKEN and ${TOKEN} (ld.so(8), Dynamic string tokens).
void replace_token(std::string& path, const std::string& token, const std::string& value) {
    if (path.size() <= longest_path) {
        replace_all(path, "${" + token + "}", value);
        replace_all(path, "$" + token, value);
    }
}

}  // namespace

std::vector<std::string> LibrarySearch::expand(const std::string& path, const LoadedObject& object) const {
    auto directories = parts_of_path(path, rules_->cwd);
    for (auto& directory : directories) {
        // The loader knows the program by its real path, a library by the one where it was found.
        const auto& origin = object.by == FoundBy::path ? object.file : object.path;
        replace_token(directory, "ORIGIN", directory_of(origin));
        if (rules_->libc != LibcFamily::musl) {
            replace_token(directory, "LIB", rules_->lib_token);
            replace_token(directory, "PLATFORM", name_of(rules_->architecture));
        }
    }
    std::erase_if(directories, [](const std::string& directory) { return directory.size() > longest_path; });
    return directories;
}

bool LibrarySearch::take(const std::string& path, FoundBy by, FoundLibrary& found,
                         const Architecture& wanted) const {
    if (!root_->resolve(path)) {
        return false;
    }
    auto elf = root_->open(path).and_then([](const Fd& file) { return read_elf(file.get()); });
    if (elf && elf->architecture == wanted && elf->kind == ElfKind::shared) {
        found.elf = std::move(*elf);
        found.path = path;
        found.by = by;
        return true;
    }
    const auto why = !elf                          ? elf.error().message
                     : elf->architecture != wanted ? "for " + name_of(elf->architecture)
                                                   : std::string("no shared library");
    found.passed_over.push_back(path + " (" + why + ")");
    return false;
}

bool LibrarySearch::in_directories(const std::string& name, const std::vector<std::string>& directories,
                                   FoundBy by, FoundLibrary& found, const Architecture& wanted) const {
    for (const auto& directory : directories) {
        if (!root_->is_directory(directory)) {
            continue;
        }
        for (const auto& level : rules_->hwcaps) {
            const auto better = directory + "/glibc-hwcaps/" + level;
            if (root_->is_directory(better) && take(better + "/" + name, by, found, wanted)) {
                return true;
            }
        }
        if (take(directory + "/" + name, by, found, wanted)) {
            return true;
        }
    }
    return false;
}

bool LibrarySearch::is_default_directory(const std::string& path) const {
    return std::ranges::any_of(rules_->default_directories, [&](const std::string& directory) {
        return path.starts_with(directory + "/");
    });
}

bool LibrarySearch::in_cache(const std::string& name, const LoadedObject& needs, FoundLibrary& found) const {
    const CacheEntry* best = nullptr;
    const auto rank =
        [&](const CacheEntry& entry) {  // the lower the better; past the end: not for this processor
            const auto level = std::ranges::find(rules_->hwcaps, entry.hwcaps);
            return level - rules_->hwcaps.begin() +
                   (entry.hwcaps.empty()            ? 0
                    : level == rules_->hwcaps.end() ? 1
                                                    : 0);
        };
    const auto last = static_cast<std::ptrdiff_t>(rules_->hwcaps.size());
    for (const auto& entry : rules_->cache.entries) {
        // Of legacy subdirectories nobody knows here what the processor is up to; there is always a plain
        // one.
        if (entry.name == name && entry.legacy_hwcap == 0 && is_for(entry, needs.elf.architecture) &&
            rank(entry) <= last && (best == nullptr || rank(entry) < rank(*best))) {
            best = &entry;
        }
    }
    const bool barred =
        best != nullptr && needs.elf.no_default_directories && is_default_directory(best->path);
    return best != nullptr && !barred && take(best->path, FoundBy::cache, found, needs.elf.architecture);
}

bool LibrarySearch::glibc(const std::string& name, const std::vector<const LoadedObject*>& chain,
                          FoundLibrary& found) const {
    const auto& needs = *chain.front();
    const auto& wanted = needs.elf.architecture;
    for (const auto* object : needs.elf.runpath.empty() ? chain : std::vector<const LoadedObject*>{}) {
        if (object->elf.runpath.empty() &&
            in_directories(name, expand(object->elf.rpath, *object), FoundBy::rpath, found, wanted)) {
            return true;
        }
    }
    return in_directories(name, rules_->library_path, FoundBy::library_path, found, wanted) ||
           in_directories(name, expand(needs.elf.runpath, needs), FoundBy::runpath, found, wanted) ||
           in_cache(name, needs, found) ||
           (!needs.elf.no_default_directories &&
            in_directories(name, rules_->default_directories, FoundBy::default_directory, found, wanted));
}

/// RUNPATH and RPATH are one to musl, count for what is loaded later, too, and come behind LD_LIBRARY_PATH.
bool LibrarySearch::musl(const std::string& name, const std::vector<const LoadedObject*>& chain,
                         FoundLibrary& found) const {
    const auto& wanted = chain.front()->elf.architecture;
    if (in_directories(name, rules_->library_path, FoundBy::library_path, found, wanted)) {
        return true;
    }
    for (const auto* object : chain) {
        const bool newer = !object->elf.runpath.empty();
        const auto directories = expand(newer ? object->elf.runpath : object->elf.rpath, *object);
        if (in_directories(name, directories, newer ? FoundBy::runpath : FoundBy::rpath, found, wanted)) {
            return true;
        }
    }
    return in_directories(name, rules_->default_directories, FoundBy::default_directory, found, wanted);
}

FoundLibrary LibrarySearch::find(const std::string& name,
                                 const std::vector<const LoadedObject*>& chain) const {
    FoundLibrary found;
    if (name.find('/') != std::string::npos) {
        for (const auto& path : expand(name, *chain.front())) {
            take(path, FoundBy::path, found, chain.front()->elf.architecture);
        }
    } else if (!name.empty()) {
        rules_->libc == LibcFamily::musl ? musl(name, chain, found) : glibc(name, chain, found);
    }
    return found;
}

bool LibrarySearch::is_the_loader(const std::string& name) const {
    constexpr std::array<std::string_view, 7> parts{"c", "pthread", "rt", "m", "dl", "util", "xnet"};
    if (rules_->libc != LibcFamily::musl || !name.starts_with("lib")) {
        return false;
    }
    const auto part = std::string_view(name).substr(3, name.find('.') - 3);
    return std::ranges::find(parts, part) != parts.end();
}

}  // namespace mpi_podman
