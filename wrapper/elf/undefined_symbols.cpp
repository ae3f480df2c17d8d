#include <string_view>
#include <unordered_set>

#include "elf/closure.hpp"

namespace mpi_podman {
namespace {

struct Looked {
    const LoadedObject* object;
    ElfSymbols symbols;
};

std::vector<Looked> look_at_all(const Rootfs& root, const Closure& closure) {
    std::vector<Looked> all;
    for (const auto& object : closure.objects) {
        auto symbols =
            root.open(object.path).and_then([](const Fd& file) { return read_elf_symbols(file.get()); });
        if (symbols) {
            all.push_back({&object, std::move(*symbols)});
        }
    }
    return all;
}

/// What a closure defines of the names that it wants, which are a small part of all. A name with the version
/// it has, and the bare name: for who asks without a version, and for libraries that have none, which the
/// loader takes for any.
class Defined {
public:
    explicit Defined(const std::vector<Looked>& all) {
        for (const auto& [object, symbols] : all) {
            for (const auto& symbol : symbols.undefined) {
                wanted_.insert(symbol.name);
            }
        }
        for (const auto& [object, symbols] : all) {
            add(symbols.defined, !object->elf.version_definitions.empty());
        }
    }

    [[nodiscard]] bool has(const Symbol& symbol) const {
        return symbol.version.empty() ? any_.contains(symbol.name)
                                      : versioned_.contains(symbol.name + "@" + symbol.version) ||
                                            unversioned_.contains(symbol.name);
    }

private:
    void add(const std::vector<Symbol>& symbols, bool has_versions) {
        for (const auto& symbol : symbols) {
            if (!wanted_.contains(symbol.name)) {
                continue;
            }
            any_.insert(symbol.name);
            if (has_versions) {
                versioned_.insert(symbol.name + "@" + symbol.version);
            } else {
                unversioned_.insert(symbol.name);
            }
        }
    }

    std::unordered_set<std::string_view> wanted_, any_, unversioned_;
    std::unordered_set<std::string> versioned_;
};

}  // namespace

std::vector<UndefinedSymbol> undefined_symbols(const Rootfs& root, const Closure& closure) {
    const auto all = look_at_all(root, closure);
    const Defined defined(all);
    std::vector<UndefinedSymbol> undefined;
    for (const auto& [object, symbols] : all) {
        for (const auto& symbol : symbols.undefined) {
            if (!symbol.weak && !defined.has(symbol)) {
                undefined.push_back({symbol.name, symbol.version, object->path});
            }
        }
    }
    return undefined;
}

}  // namespace mpi_podman
