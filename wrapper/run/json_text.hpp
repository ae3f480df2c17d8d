/// Members of JSON that somebody else wrote: of what is another kind of value than expected there is nothing.
#pragma once

#include <nlohmann/json.hpp>
#include <string>

namespace mpi_podman {

/// A text of an object; empty where it is not there or is no text.
inline std::string text_at(const nlohmann::json& object, const char* key) {
    const auto* text = object.contains(key) ? object.at(key).get_ptr<const std::string*>() : nullptr;
    return text != nullptr ? *text : "";
}

/// A list of an object; an empty one where it is not there or is no list.
inline nlohmann::json list_at(const nlohmann::json& object, const char* key) {
    const bool is_list = object.contains(key) && object.at(key).is_array();
    return is_list ? object.at(key) : nlohmann::json::array();
}

}  // namespace mpi_podman
