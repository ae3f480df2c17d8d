#include "elf/elf_file.hpp"

#include <algorithm>
#include <array>
#include <bit>

#include "elf/elf_image.hpp"

namespace mpi_podman {
namespace {

struct Machine {
    std::uint16_t number;
    std::uint8_t bits;
    std::string_view name, name_in_big_endian;
};

constexpr std::array machines{
    Machine{EM_X86_64, 64, "x86_64", ""},
    Machine{EM_X86_64, 32, "x86_64 (x32)", ""},
    Machine{EM_386, 32, "i386", ""},
    Machine{EM_AARCH64, 64, "aarch64", "aarch64_be"},
    Machine{EM_ARM, 32, "arm", "armeb"},
    Machine{EM_PPC64, 64, "ppc64le", "ppc64"},
    Machine{EM_RISCV, 64, "riscv64", ""},
    Machine{EM_S390, 64, "", "s390x"},
    Machine{EM_MIPS, 64, "mips64el", "mips64"},
    Machine{258, 64, "loongarch64", ""},  // not in every elf.h
};

ElfKind kind_of(const GElf_Ehdr& header) {
    switch (header.e_type) {
        case ET_EXEC: return ElfKind::executable;
        case ET_DYN: return ElfKind::shared;
        default: return ElfKind::other;
    }
}

Result<std::string> interpreter_of(const elf::Image& image) {
    const auto segment = std::ranges::find(image.segments(), PT_INTERP, &GElf_Phdr::p_type);
    if (segment == image.segments().end()) {
        return std::string{};
    }
    constexpr std::size_t longest = 4096;
    const auto path = image.bytes(segment->p_offset, std::min<std::uint64_t>(segment->p_filesz, longest));
    const auto end = path.find('\0');
    return end != std::string::npos ? Result<std::string>(path.substr(0, end))
                                    : elf::broken("the name of its interpreter");
}

Result<std::vector<std::string>> needed_of(elf::Dynamic& dynamic) {
    std::vector<std::string> names;
    for (const auto offset : dynamic.values(DT_NEEDED)) {
        auto name = dynamic.text(offset);
        if (!name) {
            return failure(name.error());
        }
        names.push_back(std::move(*name));
    }
    return names;
}

/// Stores what a Result holds; its failure is the first that is kept.
class Collect {
public:
    template <typename T>
    Collect& operator()(T& into, Result<T> from) {
        if (from) {
            into = std::move(*from);
        } else if (first_) {
            first_ = failure(from.error());
        }
        return *this;
    }
    [[nodiscard]] const Result<void>& result() const { return first_; }

private:
    Result<void> first_;
};

Result<ElfFile> read_dynamic(const elf::Image& image, elf::Dynamic dynamic, ElfFile file) {
    Collect collect;
    elf::Versions versions;
    collect(file.interpreter, interpreter_of(image));
    if (dynamic.exists()) {
        file.dynamic = true;
        file.no_default_directories = (dynamic.value(DT_FLAGS_1).value_or(0) & DF_1_NODEFLIB) != 0;
        collect(file.soname, dynamic.text_of(DT_SONAME))(file.rpath, dynamic.text_of(DT_RPATH))(
            file.runpath, dynamic.text_of(DT_RUNPATH))(file.needed, needed_of(dynamic))(
            versions, elf::read_versions(image, dynamic));
    }
    file.version_needs = std::move(versions.needs);
    file.version_definitions = std::move(versions.definitions);
    return collect.result().map([&] { return std::move(file); });
}

}  // namespace

std::string name_of(const Architecture& architecture) {
    for (const auto& machine : machines) {
        if (machine.number == architecture.machine && machine.bits == architecture.bits) {
            return std::string(architecture.little_endian ? machine.name : machine.name_in_big_endian);
        }
    }
    return "machine " + std::to_string(architecture.machine) + " with " + std::to_string(architecture.bits) +
           " bits";
}

Architecture own_architecture() {
#if defined(__x86_64__)
    constexpr std::uint16_t machine = EM_X86_64;
#elif defined(__aarch64__)
    constexpr std::uint16_t machine = EM_AARCH64;
#elif defined(__powerpc64__)
    constexpr std::uint16_t machine = EM_PPC64;
#elif defined(__riscv)
    constexpr std::uint16_t machine = EM_RISCV;
#elif defined(__s390x__)
    constexpr std::uint16_t machine = EM_S390;
#else
#error "which EM_ of elf.h is this?"
#endif
    return {machine, static_cast<std::uint8_t>(8 * sizeof(void*)),
            std::endian::native == std::endian::little};
}

Result<ElfFile> read_elf(int fd) {
    return elf::Image::open(fd).and_then([](const elf::Image& image) {
        return elf::Dynamic::read(image).and_then([&](elf::Dynamic dynamic) {
            ElfFile file;
            file.architecture = image.architecture();
            file.kind = kind_of(image.header());
            return read_dynamic(image, std::move(dynamic), std::move(file));
        });
    });
}

Result<std::vector<std::string>> constant_bytes(int fd) {
    return elf::Image::open(fd).map([](const elf::Image& image) {
        std::vector<std::string> all;
        std::uint64_t size = 0;
        const auto is_loaded = [](const GElf_Phdr& segment, std::uint32_t flags) {
            return segment.p_type == PT_LOAD && segment.p_flags == flags;
        };
        const bool apart = std::ranges::any_of(
            image.segments(), [&](const GElf_Phdr& segment) { return is_loaded(segment, PF_R); });
        for (const auto& segment : image.segments()) {
            if (is_loaded(segment, apart ? PF_R : PF_R | PF_X) &&
                segment.p_filesz <= elf::most_bytes - size) {
                size += segment.p_filesz;
                all.push_back(image.bytes(segment.p_offset, segment.p_filesz));
            }
        }
        return all;
    });
}

}  // namespace mpi_podman
