#include "elf/closure.hpp"

#include <algorithm>
#include <set>

#include "elf/library_search.hpp"

namespace mpi_podman {
namespace {

constexpr std::size_t most_objects = 4096;

bool stands_for(const LoadedObject& object, std::string_view name) {
    return object.name == name || object.elf.soname == name ||
           std::ranges::find(object.other_names, name) != object.other_names.end();
}

class Loading {
public:
    Loading(const Rootfs& root, const SearchRules& rules) : root_(&root), search_(root, rules) {}

    Result<void> add(const std::string& path) {
        if (files_.contains(root_->resolve(path).value_or(path))) {
            return {};
        }
        const auto file = root_->open(path);
        if (!file) {
            return failure(file.error());
        }
        auto elf = read_elf(file->get());
        if (!elf) {
            return failure(elf.error().status, path + ": " + elf.error().message);
        }
        const auto first = closure_.objects.size();
        push({path, path, {}, {}, {}, FoundBy::path, std::move(*elf)}, no_loader);
        add_interpreter(first);
        for (auto i = first; i < closure_.objects.size() && i < most_objects; ++i) {
            const auto needed = closure_.objects[i].elf.needed;
            for (const auto& name : needed) {
                add_library(name, i);
            }
        }
        return {};
    }

    Closure take(LibcFamily libc) {
        if (libc != LibcFamily::musl) {  // which does not look at versions
            check_versions();
        }
        return std::move(closure_);
    }

private:
    static constexpr std::size_t no_loader = static_cast<std::size_t>(-1);

    void push(LoadedObject object, std::size_t loader) {
        object.file = root_->resolve(object.path).value_or(object.path);
        files_.insert(object.file);
        closure_.objects.push_back(std::move(object));
        loaders_.push_back(loader);
    }

    /// What needs a library, then what loaded that, and so on: whose RPATHs count.
    [[nodiscard]] std::vector<const LoadedObject*> chain_from(std::size_t object) const {
        std::vector<const LoadedObject*> chain;
        for (auto i = object; i != no_loader; i = loaders_[i]) {
            chain.push_back(&closure_.objects[i]);
        }
        if (chain.back() != &closure_.objects.front()) {
            chain.push_back(&closure_.objects.front());  // the program's RPATH holds for what it opens, too
        }
        return chain;
    }

    void add_interpreter(std::size_t program) {
        const auto& object = closure_.objects[program];
        const auto path = object.elf.interpreter;
        const auto needed_by = object.path;
        if (path.empty() || !object.elf.dynamic || closure_.find(path) != nullptr) {
            return;
        }
        auto elf = root_->open(path).and_then([](const Fd& file) { return read_elf(file.get()); });
        if (elf && elf->architecture == object.elf.architecture) {
            push({path, path, {}, needed_by, {}, FoundBy::interpreter, std::move(*elf)}, program);
        } else {
            closure_.missing.push_back({path, needed_by,
                                        elf ? std::vector{path + " (for " + name_of(elf->architecture) + ")"}
                                            : std::vector<std::string>{}});
        }
    }

    void add_library(const std::string& name, std::size_t needed_by) {
        if (closure_.find(name) != nullptr || search_.is_the_loader(name)) {
            return;
        }
        const auto known = [&](const MissingLibrary& missing) { return missing.name == name; };
        const auto chain = chain_from(needed_by);
        auto found = search_.find(name, chain);
        if (found.elf && !files_.contains(root_->resolve(found.path).value_or(found.path))) {
            push({name, found.path, {}, chain.front()->path, {}, found.by, std::move(*found.elf)}, needed_by);
        } else if (found.elf) {
            also_called(name, found.path);
        } else if (std::ranges::none_of(closure_.missing, known)) {
            closure_.missing.push_back({name, chain.front()->path, std::move(found.passed_over)});
        }
    }

    /// One file under two names is loaded once, and from now on stands for both.
    void also_called(const std::string& name, const std::string& path) {
        const auto file = root_->resolve(path);
        const auto object = std::ranges::find(closure_.objects, file, &LoadedObject::file);
        if (object != closure_.objects.end()) {
            object->other_names.push_back(name);
        }
    }

    void check_versions() {
        for (const auto& object : closure_.objects) {
            for (const auto& need : object.elf.version_needs) {
                const auto* library = closure_.find(need.library);
                const bool checked =
                    library != nullptr && !library->elf.version_definitions.empty() && !need.weak;
                if (checked && std::ranges::find(library->elf.version_definitions, need.version) ==
                                   library->elf.version_definitions.end()) {
                    closure_.unmet.push_back({need.library, need.version, library->path, object.path});
                }
            }
        }
    }

    const Rootfs* root_;
    LibrarySearch search_;
    Closure closure_;
    std::vector<std::size_t> loaders_;  ///< of each object: which one needed it first
    std::set<std::string> files_;
};

}  // namespace

const LoadedObject* Closure::find(std::string_view name) const {
    const auto at =
        std::ranges::find_if(objects, [&](const LoadedObject& object) { return stands_for(object, name); });
    return at == objects.end() ? nullptr : &*at;
}

std::string_view name_of(FoundBy by) {
    switch (by) {
        case FoundBy::path: return "its path";
        case FoundBy::interpreter: return "the program's PT_INTERP";
        case FoundBy::rpath: return "RPATH";
        case FoundBy::library_path: return "LD_LIBRARY_PATH";
        case FoundBy::runpath: return "RUNPATH";
        case FoundBy::cache: return "ld.so.cache";
        case FoundBy::default_directory: return "the loader's own directories";
    }
    return "";
}

Result<Closure> load(const Rootfs& root, const SearchRules& rules, const std::vector<std::string>& paths) {
    Loading loading(root, rules);
    for (const auto& path : paths) {
        if (auto added = loading.add(path); !added) {
            return failure(added.error());
        }
    }
    return loading.take(rules.libc);
}

std::optional<FoundAt> find_library(const Rootfs& root, const SearchRules& rules, const std::string& name) {
    LoadedObject program;
    program.elf.architecture = rules.architecture;
    const auto found = LibrarySearch(root, rules).find(name, {&program});
    return found.elf ? std::optional(FoundAt{found.path, found.by}) : std::nullopt;
}

}  // namespace mpi_podman
