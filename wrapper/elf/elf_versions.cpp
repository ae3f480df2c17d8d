#include <algorithm>

#include "elf/elf_image.hpp"

namespace mpi_podman::elf {
namespace {

constexpr unsigned index_mask = 0x7fff;  // the bit above says "hidden" (LSB, Symbol Versioning)

/// Walks the chains of DT_VERNEED or DT_VERDEF. Every record takes from one budget, so that chains which
/// overlap cost no more than others.
class Walk {
public:
    Walk(const Image& image, Dynamic& dynamic) : image_(&image), dynamic_(&dynamic) {}

    Result<Versions> all() {
        return needs().and_then([&] { return definitions(); }).map([&] { return std::move(found_); });
    }

private:
    /// The bytes from the address in `tag` to the end of its segment. Without the tag nullptr.
    Result<Elf_Data*> records(std::int64_t tag, Elf_Type type) const {
        const auto address = dynamic_->value(tag);
        if (!address) {
            return nullptr;
        }
        const auto extent = image_->at_address(*address);
        Elf_Data* data =
            extent ? image_->chunk(extent->offset, std::min<std::uint64_t>(extent->size, most_bytes), type)
                   : nullptr;
        return data != nullptr ? Result<Elf_Data*>(data) : broken("the place of its versions");
    }

    Result<void> spend() { return ++spent_ <= most_records ? Result<void>{} : broken("too many versions"); }

    Result<void> needs() {
        auto data = records(DT_VERNEED, ELF_T_VNEED);
        std::uint64_t at = 0;
        for (auto left = dynamic_->value(DT_VERNEEDNUM).value_or(0); data && *data != nullptr && left > 0;
             --left) {
            GElf_Verneed need{};
            if (!spend() || at > most_bytes ||
                ::gelf_getverneed(*data, static_cast<int>(at), &need) == nullptr) {
                return broken("the versions it needs");
            }
            auto read = needs_of(*data, at, need);
            if (!read || need.vn_next == 0) {
                return read;
            }
            at += need.vn_next;
        }
        return data.map([](Elf_Data*) {});
    }

    Result<void> needs_of(Elf_Data* data, std::uint64_t at, const GElf_Verneed& need) {
        auto library = dynamic_->text(need.vn_file);
        at += need.vn_aux;
        for (unsigned left = need.vn_cnt; library && left > 0; --left) {
            GElf_Vernaux version{};
            if (!spend() || at > most_bytes ||
                ::gelf_getvernaux(data, static_cast<int>(at), &version) == nullptr) {
                return broken("the versions it needs");
            }
            auto name = dynamic_->text(version.vna_name);
            if (!name) {
                return failure(name.error());
            }
            found_.by_index[version.vna_other & index_mask] = *name;
            found_.needs.push_back({*library, *name, (version.vna_flags & VER_FLG_WEAK) != 0});
            if (version.vna_next == 0) {
                break;
            }
            at += version.vna_next;
        }
        return library.map([](const std::string&) {});
    }

    Result<void> definitions() {
        auto data = records(DT_VERDEF, ELF_T_VDEF);
        std::uint64_t at = 0;
        for (auto left = dynamic_->value(DT_VERDEFNUM).value_or(0); data && *data != nullptr && left > 0;
             --left) {
            GElf_Verdef definition{};
            GElf_Verdaux first{};
            if (!spend() || at > most_bytes ||
                ::gelf_getverdef(*data, static_cast<int>(at), &definition) == nullptr ||
                at + definition.vd_aux > most_bytes ||
                ::gelf_getverdaux(*data, static_cast<int>(at + definition.vd_aux), &first) == nullptr) {
                return broken("the versions it defines");
            }
            auto name = dynamic_->text(first.vda_name);
            if (!name) {
                return failure(name.error());
            }
            if ((definition.vd_flags & VER_FLG_BASE) == 0) {
                found_.by_index[definition.vd_ndx & index_mask] = *name;
                found_.definitions.push_back(std::move(*name));
            }
            if (definition.vd_next == 0) {
                break;
            }
            at += definition.vd_next;
        }
        return data.map([](Elf_Data*) {});
    }

    const Image* image_;
    Dynamic* dynamic_;
    Versions found_;
    std::size_t spent_ = 0;
};

}  // namespace

Result<Versions> read_versions(const Image& image, Dynamic& dynamic) {
    return image.is_native() ? Walk(image, dynamic).all() : Versions{};
}

}  // namespace mpi_podman::elf
