#include "abi/abi_check.hpp"

namespace mpi_podman {

std::string_view name_of(AbiCheck check) {
    switch (check) {
        case AbiCheck::none: return "none";
        case AbiCheck::major: return "major";
        case AbiCheck::full: return "full";
        case AbiCheck::strict: return "strict";
    }
    return "";
}

AbiRelation compare_abi(const AbiVersion& host, const AbiVersion& image, AbiCheck check) {
    if (host.empty() || image.empty() || host.front() != image.front()) {
        return AbiRelation::differs;
    }
    const auto ours = number_at(host, 1);
    const auto theirs = number_at(image, 1);
    switch (check) {
        case AbiCheck::none:
        case AbiCheck::major: return AbiRelation::fits;
        case AbiCheck::full:
            return host.size() < 2 ? AbiRelation::differs
                   : ours < theirs ? AbiRelation::older
                                   : AbiRelation::fits;
        case AbiCheck::strict:
            return host.size() > 1 && image.size() > 1 && ours == theirs ? AbiRelation::fits
                                                                         : AbiRelation::differs;
    }
    return AbiRelation::differs;
}

}  // namespace mpi_podman
