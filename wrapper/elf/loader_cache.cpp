#include "elf/loader_cache.hpp"

#include <elf.h>

#include <algorithm>
#include <array>
#include <bit>
#include <cstring>
#include <optional>

namespace mpi_podman {
namespace {

constexpr std::string_view old_magic{"ld.so-1.7.0\0", 12};
constexpr std::string_view new_magic{"glibc-ld.so.cache1.1", 20};
constexpr std::size_t most_entries = 1U << 18U;
constexpr std::size_t most_hwcaps = 256;
constexpr std::size_t longest_text = 4096;
constexpr std::size_t most_text = 64U << 20U;  // entries may share their strings
constexpr std::uint32_t extension_magic = 0xeaa42174;
constexpr std::uint32_t hwcaps_tag = 1;
/// In an entry's hwcap: the lower half is an index into the names of glibc-hwcaps subdirectories.
constexpr std::uint64_t hwcap_is_index = 1ULL << 62U;
constexpr std::uint64_t index_mask = 0xffffffff;

struct OldHead {
    std::array<char, 12> magic;
    std::uint32_t count;
};
struct OldEntry {
    std::uint32_t flags, name, path;
};
struct NewHead {
    std::array<char, 20> magic;
    std::uint32_t count, strings;
    std::uint8_t byte_order;
    std::array<std::uint8_t, 3> padding;
    std::uint32_t extension;
    std::array<std::uint32_t, 3> unused;
};
struct NewEntry {
    std::uint32_t flags, name, path, os_version;
    std::uint64_t hwcap;
};
struct ExtensionHead {
    std::uint32_t magic, count;
};
struct Section {
    std::uint32_t tag, flags, offset, size;
};
static_assert(sizeof(OldHead) == 16 && sizeof(OldEntry) == 12 && sizeof(NewHead) == 48 &&
              sizeof(NewEntry) == 24 && sizeof(Section) == 16);

template <typename T>
std::optional<T> at(std::string_view bytes, std::uint64_t offset) {
    if (offset > bytes.size() || bytes.size() - offset < sizeof(T)) {
        return std::nullopt;
    }
    T value{};
    std::memcpy(&value, bytes.data() + offset, sizeof value);
    return value;
}

std::optional<std::string> text_at(std::string_view bytes, std::uint64_t offset) {
    const auto rest = offset < bytes.size() ? bytes.substr(offset, longest_text) : std::string_view{};
    const auto end = rest.find('\0');
    return end == std::string_view::npos ? std::nullopt : std::optional<std::string>(rest.substr(0, end));
}

tl::unexpected<Error> damaged(const std::string& what) {
    return failure(Status::ours, "ld.so.cache cannot be read: " + what, "ldconfig writes it anew");
}

/// The names of the glibc-hwcaps subdirectories, which entries mean by number. The extension and its sections
/// are found from the beginning of the file, strings from that of the newer format.
std::vector<std::string> hwcaps_names(std::string_view file, std::string_view strings,
                                      std::uint32_t extension) {
    std::vector<std::string> names;
    const auto head = at<ExtensionHead>(file, extension);
    constexpr std::uint32_t most_sections = 64;
    if (extension == 0 || !head || head->magic != extension_magic) {
        return names;
    }
    for (std::uint32_t i = 0; i < std::min(head->count, most_sections); ++i) {
        const auto section = at<Section>(file, std::uint64_t{extension} + sizeof *head + i * sizeof(Section));
        for (std::uint64_t read = 0; section && section->tag == hwcaps_tag && read + 4 <= section->size;
             read += 4) {
            const auto offset = at<std::uint32_t>(file, section->offset + read);
            const auto name = offset ? text_at(strings, *offset) : std::nullopt;
            if (!name || names.size() >= most_hwcaps) {
                return names;
            }
            names.push_back(*name);
        }
    }
    return names;
}

/// The newer format, from `begin` of the file on.
Result<LoaderCache> parse_new(std::string_view file, std::uint64_t begin) {
    const auto bytes = file.substr(begin);
    const auto head = at<NewHead>(bytes, 0);
    constexpr std::uint8_t little = 2;
    constexpr std::uint8_t big = 3;
    if (!head || head->count > most_entries) {
        return damaged("its head");
    }
    if (head->byte_order == (std::endian::native == std::endian::little ? big : little)) {
        return damaged("it is of the other byte order");
    }
    const auto hwcaps = hwcaps_names(file, bytes, head->extension);
    LoaderCache cache;
    std::size_t text = 0;
    for (std::uint64_t i = 0; i < head->count; ++i) {
        const auto entry = at<NewEntry>(bytes, sizeof *head + i * sizeof(NewEntry));
        auto name = entry ? text_at(bytes, entry->name) : std::nullopt;
        auto path = entry ? text_at(bytes, entry->path) : std::nullopt;
        if (!name || !path || (text += name->size() + path->size()) > most_text) {
            return damaged("entry " + std::to_string(i));
        }
        CacheEntry read{std::move(*name), std::move(*path), entry->flags, 0, {}};
        const auto index = entry->hwcap & index_mask;
        if ((entry->hwcap & hwcap_is_index) == 0) {
            read.legacy_hwcap = entry->hwcap;
        } else if (index < hwcaps.size()) {
            read.hwcaps = hwcaps[index];
        } else {
            continue;  // as the loader does
        }
        cache.entries.push_back(std::move(read));
    }
    return cache;
}

Result<LoaderCache> parse_old(std::string_view bytes, std::uint32_t count) {
    const auto strings = bytes.substr(sizeof(OldHead) + count * sizeof(OldEntry));
    LoaderCache cache;
    std::size_t text = 0;
    for (std::uint64_t i = 0; i < count; ++i) {
        const auto entry = at<OldEntry>(bytes, sizeof(OldHead) + i * sizeof(OldEntry));
        auto name = text_at(strings, entry->name);
        auto path = text_at(strings, entry->path);
        if (!name || !path || (text += name->size() + path->size()) > most_text) {
            return damaged("entry " + std::to_string(i));
        }
        cache.entries.push_back({std::move(*name), std::move(*path), entry->flags, 0, {}});
    }
    return cache;
}

struct Flags {
    std::uint16_t machine;
    std::uint8_t bits;
    std::uint32_t flags;
};

/// FLAG_ELF_LIBC6 (3) with the one for the ABI, where an architecture has several.
constexpr std::array abi_flags{
    Flags{EM_X86_64, 64, 0x0303},  Flags{EM_X86_64, 32, 0x0803}, Flags{EM_386, 32, 0x0003},
    Flags{EM_AARCH64, 64, 0x0a03}, Flags{EM_PPC64, 64, 0x0503},  Flags{EM_S390, 64, 0x0403},
};

}  // namespace

Result<LoaderCache> parse_loader_cache(std::string_view bytes) {
    if (bytes.starts_with(new_magic)) {
        return parse_new(bytes, 0);
    }
    const auto head = at<OldHead>(bytes, 0);
    if (!bytes.starts_with(old_magic.substr(0, old_magic.size() - 1)) || !head) {
        return damaged("its format is unknown");
    }
    const auto end = sizeof *head + std::uint64_t{head->count} * sizeof(OldEntry);
    if (head->count > most_entries || end > bytes.size()) {
        return damaged("its head");
    }
    constexpr std::uint64_t alignment = 8;
    const auto behind = (end + alignment - 1) / alignment * alignment;
    if (behind < bytes.size() && bytes.substr(behind).starts_with(new_magic)) {
        return parse_new(bytes, behind);
    }
    return parse_old(bytes, head->count);
}

bool is_for(const CacheEntry& entry, const Architecture& architecture) {
    const auto* const known = std::ranges::find_if(abi_flags, [&](const Flags& flags) {
        return flags.machine == architecture.machine && flags.bits == architecture.bits;
    });
    return known == abi_flags.end() || entry.flags == known->flags;
}

}  // namespace mpi_podman
