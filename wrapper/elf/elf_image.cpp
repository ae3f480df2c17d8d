#include "elf/elf_image.hpp"

#include <sys/stat.h>

#include <algorithm>
#include <bit>
#include <cstring>

namespace mpi_podman::elf {
namespace {

std::uint64_t value_of(const GElf_Dyn& entry) {
    return entry.d_un.d_val;  // NOLINT(cppcoreguidelines-pro-type-union-access): both members are one number
}

}  // namespace

tl::unexpected<Error> broken(const std::string& what) {
    return failure(Status::not_runnable, "the ELF file is broken: " + what);
}

Result<Image> Image::open(int fd) {
    Image image;
    struct stat info {};
    ::elf_version(EV_CURRENT);
    // Not mapped: a file that is cut while it is read must not end us with SIGBUS.
    image.elf_.reset(::elf_begin(fd, ELF_C_READ, nullptr));
    if (!image.elf_ || ::elf_kind(image.elf_.get()) != ELF_K_ELF || ::fstat(fd, &info) != 0 ||
        ::gelf_getehdr(image.elf_.get(), &image.header_) == nullptr) {
        return failure(Status::not_runnable, "it is no ELF file");
    }
    image.size_ = static_cast<std::uint64_t>(info.st_size);
    std::size_t count = 0;
    if (::elf_getphdrnum(image.elf_.get(), &count) != 0 || count > most_segments) {
        return broken("its program headers");
    }
    for (std::size_t i = 0; i < count; ++i) {
        GElf_Phdr segment{};
        if (::gelf_getphdr(image.elf_.get(), static_cast<int>(i), &segment) == nullptr) {
            return broken("its program headers");
        }
        image.segments_.push_back(segment);
    }
    return image;
}

Architecture Image::architecture() const {
    constexpr std::uint8_t narrow = 32;
    constexpr std::uint8_t wide = 64;
    return {header_.e_machine, header_.e_ident[EI_CLASS] == ELFCLASS64 ? wide : narrow,
            header_.e_ident[EI_DATA] == ELFDATA2LSB};
}

bool Image::is_native() const {
    return architecture().little_endian == (std::endian::native == std::endian::little);
}

Elf_Data* Image::chunk(std::uint64_t offset, std::uint64_t size, Elf_Type type) const {
    if (size == 0 || size > most_bytes || offset > size_ || size > size_ - offset) {
        return nullptr;
    }
    Elf_Data* data = ::elf_getdata_rawchunk(elf_.get(), static_cast<std::int64_t>(offset), size, type);
    return data != nullptr && data->d_buf != nullptr && data->d_size >= size ? data : nullptr;
}

std::optional<Image::Extent> Image::at_address(std::uint64_t address) const {
    for (const auto& segment : segments_) {
        const auto into = address - segment.p_vaddr;
        if (segment.p_type == PT_LOAD && address >= segment.p_vaddr && into < segment.p_filesz &&
            segment.p_offset <= size_ && into < size_ - segment.p_offset) {
            return Extent{segment.p_offset + into,
                          std::min(segment.p_filesz, size_ - segment.p_offset) - into};
        }
    }
    return std::nullopt;
}

std::string Image::bytes(std::uint64_t offset, std::uint64_t size) const {
    const Elf_Data* data = chunk(offset, size, ELF_T_BYTE);
    return data != nullptr ? std::string(static_cast<const char*>(data->d_buf), size) : std::string{};
}

Result<Dynamic> Dynamic::read(const Image& image) {
    Dynamic dynamic;
    const auto segment = std::ranges::find(image.segments(), PT_DYNAMIC, &GElf_Phdr::p_type);
    if (segment == image.segments().end()) {
        return dynamic;
    }
    dynamic.exists_ = true;
    const auto each = ::gelf_fsize(image.handle(), ELF_T_DYN, 1, EV_CURRENT);
    const auto count = each == 0 ? 0 : std::min<std::uint64_t>(segment->p_filesz / each, most_records);
    Elf_Data* data = image.chunk(segment->p_offset, count * each, ELF_T_DYN);
    for (std::size_t i = 0; data != nullptr && i < count; ++i) {
        GElf_Dyn entry{};
        if (::gelf_getdyn(data, static_cast<int>(i), &entry) == nullptr || entry.d_tag == DT_NULL) {
            break;
        }
        dynamic.entries_.push_back(entry);
    }
    const auto strings = image.at_address(dynamic.value(DT_STRTAB).value_or(0));
    const auto size = dynamic.value(DT_STRSZ).value_or(0);
    const Elf_Data* table =
        strings && size <= strings->size ? image.chunk(strings->offset, size, ELF_T_BYTE) : nullptr;
    if (data == nullptr || table == nullptr) {
        return broken("its dynamic section");
    }
    dynamic.strings_ = static_cast<const char*>(table->d_buf);
    dynamic.strings_size_ = size;
    return dynamic;
}

std::optional<std::uint64_t> Dynamic::value(std::int64_t tag) const {
    const auto entry = std::ranges::find(entries_, tag, &GElf_Dyn::d_tag);
    return entry == entries_.end() ? std::nullopt : std::optional(value_of(*entry));
}

std::vector<std::uint64_t> Dynamic::values(std::int64_t tag) const {
    std::vector<std::uint64_t> values;
    for (const auto& entry : entries_) {
        if (entry.d_tag == tag) {
            values.push_back(value_of(entry));
        }
    }
    return values;
}

Result<std::string> Dynamic::text(std::uint64_t offset) {
    const void* end =
        offset < strings_size_ ? std::memchr(strings_ + offset, 0, strings_size_ - offset) : nullptr;
    if (end == nullptr) {
        return broken("a string of its dynamic section has no end");
    }
    std::string text(strings_ + offset, static_cast<const char*>(end));
    taken_ += text.size();
    return taken_ <= most_bytes ? Result<std::string>(std::move(text)) : broken("too many long names");
}

Result<std::string> Dynamic::text_of(std::int64_t tag) {
    const auto offset = value(tag);
    return offset ? text(*offset) : Result<std::string>(std::string{});
}

}  // namespace mpi_podman::elf
