/// JSON that others wrote and whose numbers become integers. nlohmann-json converts 1e300, or -0.5, to one as
/// C++ does, which is undefined ([conv.fpint]).
#pragma once

#include <nlohmann/json.hpp>
#include <string_view>

namespace mpi_podman {

/// Parses what has whole numbers alone: any other becomes null, of which there is no integer
/// (nlohmann::json::type_error). Throws what nlohmann::json::parse does.
inline nlohmann::json whole_json(std::string_view text) {
    using nlohmann::json;
    return json::parse(text, [](int /*depth*/, json::parse_event_t event, json& parsed) {
        if (event == json::parse_event_t::value && parsed.is_number_float()) {
            parsed = nullptr;
        }
        return true;
    });
}

/// A whole number, where others may be fractions. Throws type_error where it is none.
template <typename Integer>
Integer whole(const nlohmann::json& number) {
    return number.is_number_float() ? nlohmann::json().get<Integer>() : number.get<Integer>();
}

}  // namespace mpi_podman
