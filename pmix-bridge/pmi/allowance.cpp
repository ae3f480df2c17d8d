#include "pmi/allowance.hpp"

#include "pmi/answers.hpp"

namespace mpi_podman::pmi {

std::string Allowance::why_not(std::string_view key, std::string_view value) const {
    if (auto why = pmi::why_not(key, value); !why.empty()) {
        return why;
    }
    if (sizes_.size() >= bounds_.number && !sizes_.contains(key)) {
        return "there are " + std::to_string(bounds_.number) + " " + bounds_.what + " already";
    }
    return bytes_with(key, value) <= bounds_.bytes
               ? ""
               : std::string(bounds_.what) + " take more than " + std::to_string(bounds_.bytes) + " bytes";
}

void Allowance::note(std::string_view key, std::string_view value) {
    bytes_ = bytes_with(key, value);
    sizes_.insert_or_assign(std::string(key), key.size() + value.size());
}

std::string Allowance::take(std::string_view key, std::string_view value) {
    auto why = why_not(key, value);
    if (why.empty()) {
        note(key, value);
    }
    return why;
}

std::size_t Allowance::bytes_with(std::string_view key, std::string_view value) const {
    const auto before = sizes_.find(key);
    return bytes_ - (before == sizes_.end() ? 0 : before->second) + key.size() + value.size();
}

}  // namespace mpi_podman::pmi
