#include "pmi/node_attributes.hpp"

#include "pmi/answers.hpp"

namespace mpi_podman::pmi {

std::string NodeAttributes::why_not(std::string_view key, std::string_view value) const {
    if (auto why = pmi::why_not(key, value); !why.empty()) {
        return why;
    }
    if (sizes_.size() >= most_node_attributes && !sizes_.contains(key)) {
        return "there are " + std::to_string(most_node_attributes) + " node attributes already";
    }
    return bytes_with(key, value) <= most_node_bytes
               ? ""
               : "node attributes take more than " + std::to_string(most_node_bytes) + " bytes";
}

void NodeAttributes::note(std::string_view key, std::string_view value) {
    bytes_ = bytes_with(key, value);
    sizes_.insert_or_assign(std::string(key), key.size() + value.size());
}

std::size_t NodeAttributes::bytes_with(std::string_view key, std::string_view value) const {
    const auto before = sizes_.find(key);
    return bytes_ - (before == sizes_.end() ? 0 : before->second) + key.size() + value.size();
}

}  // namespace mpi_podman::pmi
