#include <unordered_set>

#include "elf/closure.hpp"

namespace mpi_podman {
namespace {

/// All that a closure defines. A name with the version it has, and the bare name: for who asks without a
/// version, and for libraries that have none, which the loader takes for any.
class Defined {
public:
    void add(const std::vector<Symbol>& symbols, bool has_versions) {
        for (const auto& symbol : symbols) {
            any_.insert(symbol.name);
            if (has_versions) {
                versioned_.insert(symbol.name + "@" + symbol.version);
            } else {
                unversioned_.insert(symbol.name);
            }
        }
    }

    [[nodiscard]] bool has(const Symbol& symbol) const {
        return symbol.version.empty() ? any_.contains(symbol.name)
                                      : versioned_.contains(symbol.name + "@" + symbol.version) ||
                                            unversioned_.contains(symbol.name);
    }

private:
    std::unordered_set<std::string> any_, versioned_, unversioned_;
};

}  // namespace

std::vector<UndefinedSymbol> undefined_symbols(const Rootfs& root, const Closure& closure) {
    Defined defined;
    std::vector<std::pair<const LoadedObject*, std::vector<Symbol>>> wanted;
    for (const auto& object : closure.objects) {
        auto symbols =
            root.open(object.path).and_then([](const Fd& file) { return read_elf_symbols(file.get()); });
        if (symbols) {
            defined.add(symbols->defined, !object.elf.version_definitions.empty());
            wanted.emplace_back(&object, std::move(symbols->undefined));
        }
    }
    std::vector<UndefinedSymbol> undefined;
    for (const auto& [object, symbols] : wanted) {
        for (const auto& symbol : symbols) {
            if (!symbol.weak && !defined.has(symbol)) {
                undefined.push_back({symbol.name, symbol.version, object->path});
            }
        }
    }
    return undefined;
}

}  // namespace mpi_podman
