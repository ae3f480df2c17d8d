#include <algorithm>
#include <string_view>

#include "elf/elf_file.hpp"
#include "elf/elf_image.hpp"

namespace mpi_podman {
namespace {

constexpr unsigned hidden_mask = 0x7fff;  // DT_VERSYM: the bit above marks a version that is not the default

constexpr std::size_t longest_name = 256;  // that is looked for

/// The 32-bit words from an address to the end of its segment.
struct Words {
    const std::uint32_t* at = nullptr;
    std::size_t count = 0;
};

Words words_at(const elf::Image& image, std::optional<std::uint64_t> address) {
    const auto extent = address ? image.at_address(*address) : std::nullopt;
    const auto count =
        extent ? std::min<std::uint64_t>(extent->size, elf::most_bytes) / sizeof(std::uint32_t) : 0;
    const Elf_Data* data =
        count > 0 ? image.chunk(extent->offset, count * sizeof(std::uint32_t), ELF_T_WORD) : nullptr;
    return data != nullptr ? Words{static_cast<const std::uint32_t*>(data->d_buf), count} : Words{};
}

/// How many symbols DT_GNU_HASH speaks of: 0 where it lists none. Buckets hold the first symbol of a chain,
/// and a chain ends with an odd word.
std::size_t gnu_hash_count(const Words& table, std::uint8_t bits) {
    constexpr std::size_t head = 4;
    if (table.count < head) {
        return 0;
    }
    const std::size_t buckets = table.at[0];
    const std::size_t first = table.at[1];
    const std::size_t bloom = static_cast<std::size_t>(table.at[2]) * (bits / 32);
    const std::size_t chains = head + bloom + buckets;
    if (chains >= table.count || buckets == 0) {
        return 0;
    }
    const std::size_t last = *std::max_element(table.at + head + bloom, table.at + chains);
    for (std::size_t i = last; i >= first && last != 0 && chains + (i - first) < table.count; ++i) {
        if ((table.at[chains + (i - first)] & 1U) != 0) {
            return i + 1;
        }
    }
    return 0;
}

/// The loader never needs to know how many symbols there are; the hash tables tell, or the section.
std::size_t count_symbols(const elf::Image& image, const elf::Dynamic& dynamic, std::uint64_t each) {
    for (Elf_Scn* section = nullptr; (section = ::elf_nextscn(image.handle(), section)) != nullptr;) {
        GElf_Shdr header{};
        if (::gelf_getshdr(section, &header) != nullptr && header.sh_type == SHT_DYNSYM &&
            header.sh_addr == dynamic.value(DT_SYMTAB)) {
            return header.sh_size / each;
        }
    }
    const auto hash = words_at(image, dynamic.value(DT_HASH));
    const bool wide = image.header().e_machine == EM_S390 || image.header().e_machine == EM_ALPHA;
    if (hash.count > 1 && !wide) {
        return hash.at[1];
    }
    return gnu_hash_count(words_at(image, dynamic.value(DT_GNU_HASH)), image.architecture().bits);
}

bool is_seen_outside(const GElf_Sym& symbol) {
    const auto binding = GELF_ST_BIND(symbol.st_info);
    const auto visibility = GELF_ST_VISIBILITY(symbol.st_other);
    return (binding == STB_GLOBAL || binding == STB_WEAK || binding == STB_GNU_UNIQUE) &&
           (visibility == STV_DEFAULT || visibility == STV_PROTECTED);
}

/// DT_VERSYM: an index for each symbol, or nullptr.
Elf_Data* version_indices(const elf::Image& image, const elf::Dynamic& dynamic, std::size_t count) {
    const auto extent = image.at_address(dynamic.value(DT_VERSYM).value_or(0));
    const auto size = count * sizeof(std::uint16_t);
    return dynamic.value(DT_VERSYM) && extent && size <= extent->size
               ? image.chunk(extent->offset, size, ELF_T_HALF)
               : nullptr;
}

std::string version_of(Elf_Data* indices, const elf::Versions& versions, int symbol) {
    GElf_Versym index = 0;
    if (indices == nullptr || ::gelf_getversym(indices, symbol, &index) == nullptr) {
        return {};
    }
    const auto name = versions.by_index.find(index & hidden_mask);
    return name == versions.by_index.end() ? std::string{} : name->second;
}

Result<ElfSymbols> symbols_of(const elf::Image& image, elf::Dynamic& dynamic, const elf::Versions& versions) {
    ElfSymbols found;
    const auto each = ::gelf_fsize(image.handle(), ELF_T_SYM, 1, EV_CURRENT);
    const auto extent = image.at_address(dynamic.value(DT_SYMTAB).value_or(0));
    const auto count = count_symbols(image, dynamic, each);
    if (count == 0) {
        return found;
    }
    Elf_Data* table = extent && count <= extent->size / each
                          ? image.chunk(extent->offset, count * each, ELF_T_SYM)
                          : nullptr;
    if (table == nullptr) {
        return elf::broken("its dynamic symbols");
    }
    Elf_Data* indices = version_indices(image, dynamic, count);
    for (int i = 1; i < static_cast<int>(count); ++i) {
        GElf_Sym symbol{};
        if (::gelf_getsym(table, i, &symbol) == nullptr || !is_seen_outside(symbol) || symbol.st_name == 0) {
            continue;
        }
        auto name = dynamic.text(symbol.st_name);
        if (!name) {
            return failure(name.error());
        }
        auto& into = symbol.st_shndx == SHN_UNDEF ? found.undefined : found.defined;
        into.push_back(
            {std::move(*name), version_of(indices, versions, i), GELF_ST_BIND(symbol.st_info) == STB_WEAK});
    }
    return found;
}

/// The string table of a symbol section; empty where it is compressed, which could become any size.
std::string_view strings_of(const elf::Image& image, std::size_t section) {
    GElf_Shdr header{};
    Elf_Scn* scn = ::elf_getscn(image.handle(), section);
    if (scn == nullptr || ::gelf_getshdr(scn, &header) == nullptr ||
        (header.sh_flags & SHF_COMPRESSED) != 0 || header.sh_type != SHT_STRTAB ||
        header.sh_size > elf::most_bytes) {
        return {};
    }
    const Elf_Data* data = ::elf_getdata(scn, nullptr);
    return data == nullptr || data->d_buf == nullptr
               ? std::string_view{}
               : std::string_view(static_cast<const char*>(data->d_buf), data->d_size);
}

/// Adds what of `names` the section .symtab or .dynsym defines.
void look_for(const elf::Image& image, Elf_Scn* section, const GElf_Shdr& header, const Names& names,
              Names& found) {
    if (header.sh_size > elf::most_bytes || header.sh_entsize == 0 ||
        (header.sh_flags & SHF_COMPRESSED) != 0) {
        return;
    }
    const auto strings = strings_of(image, header.sh_link);
    Elf_Data* table = ::elf_getdata(section, nullptr);
    const auto count = static_cast<int>(header.sh_size / header.sh_entsize);
    GElf_Sym symbol{};
    for (int i = 0; table != nullptr && i < count && ::gelf_getsym(table, i, &symbol) != nullptr; ++i) {
        if (symbol.st_shndx == SHN_UNDEF || symbol.st_name >= strings.size()) {
            continue;
        }
        const auto rest = strings.substr(symbol.st_name, longest_name);
        const auto name = rest.substr(0, rest.find('\0'));
        if (names.contains(name)) {
            found.emplace(name);
        }
    }
}

}  // namespace

Result<ElfSymbols> read_elf_symbols(int fd) {
    return elf::Image::open(fd).and_then([](const elf::Image& image) -> Result<ElfSymbols> {
        auto dynamic = elf::Dynamic::read(image);
        if (!dynamic || !dynamic->exists() || !image.is_native()) {
            return dynamic.map([](const elf::Dynamic&) { return ElfSymbols{}; });
        }
        return elf::read_versions(image, *dynamic).and_then([&](const elf::Versions& versions) {
            return symbols_of(image, *dynamic, versions);
        });
    });
}

Result<Names> defined_among(int fd, const Names& names) {
    return elf::Image::open(fd).map([&](const elf::Image& image) {
        Names found;
        for (Elf_Scn* section = nullptr; (section = ::elf_nextscn(image.handle(), section)) != nullptr;) {
            GElf_Shdr header{};
            const bool readable = ::gelf_getshdr(section, &header) != nullptr;
            if (readable && (header.sh_type == SHT_SYMTAB || header.sh_type == SHT_DYNSYM)) {
                look_for(image, section, header, names, found);
            }
        }
        return found;
    });
}

}  // namespace mpi_podman
