/// libelf's view of a file, with the bounds and the limits that hostile files need. Of the ELF room alone.
#pragma once

#include <gelf.h>

#include <map>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "elf/elf_file.hpp"

namespace mpi_podman::elf {

/// What any one file may cost.
constexpr std::size_t most_bytes = 64U << 20U;   ///< of one table, and of all strings together
constexpr std::size_t most_records = 1U << 16U;  ///< in a dynamic section, of versions
constexpr std::size_t most_segments = 1024;

class Image {
public:
    static Result<Image> open(int fd);

    [[nodiscard]] const GElf_Ehdr& header() const { return header_; }
    [[nodiscard]] const std::vector<GElf_Phdr>& segments() const { return segments_; }
    [[nodiscard]] Elf* handle() const { return elf_.get(); }
    [[nodiscard]] Architecture architecture() const;
    [[nodiscard]] bool is_native() const;

    /// Bytes of the file; nullptr where they are not all in it, or too many.
    [[nodiscard]] Elf_Data* chunk(std::uint64_t offset, std::uint64_t size, Elf_Type type) const;
    /// Where the file has the byte at this address, and how many follow in its segment.
    struct Extent {
        std::uint64_t offset = 0, size = 0;
    };
    [[nodiscard]] std::optional<Extent> at_address(std::uint64_t address) const;
    [[nodiscard]] std::string bytes(std::uint64_t offset, std::uint64_t size) const;

private:
    struct End {
        void operator()(Elf* elf) const { ::elf_end(elf); }
    };
    std::unique_ptr<Elf, End> elf_;
    GElf_Ehdr header_{};
    std::uint64_t size_ = 0;
    std::vector<GElf_Phdr> segments_;
};

/// The dynamic section: its entries by tag, its strings.
class Dynamic {
public:
    /// Fails where there is one and it is broken; without one there are no entries.
    static Result<Dynamic> read(const Image& image);

    [[nodiscard]] bool exists() const { return exists_; }
    [[nodiscard]] std::optional<std::uint64_t> value(std::int64_t tag) const;
    [[nodiscard]] std::vector<std::uint64_t> values(std::int64_t tag) const;
    /// A string of its table. Broken where it has no end in the table, or all taken so far are too many.
    [[nodiscard]] Result<std::string> text(std::uint64_t offset);
    /// The string whose offset is this tag's value; empty without the tag.
    [[nodiscard]] Result<std::string> text_of(std::int64_t tag);

private:
    bool exists_ = false;
    std::vector<GElf_Dyn> entries_;
    const char* strings_ = nullptr;  ///< the Image's
    std::size_t strings_size_ = 0, taken_ = 0;
};

/// The versions of a dynamic section, and what a symbol's index in DT_VERSYM means.
struct Versions {
    std::vector<VersionNeed> needs;
    std::vector<std::string> definitions;
    std::map<unsigned, std::string> by_index;
};
Result<Versions> read_versions(const Image& image, Dynamic& dynamic);

/// "is no ELF file", or is a broken one: what and where.
tl::unexpected<Error> broken(const std::string& what);

}  // namespace mpi_podman::elf
