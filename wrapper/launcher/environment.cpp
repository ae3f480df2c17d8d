#include "launcher/environment.hpp"

namespace mpi_podman {

Environment environment_from(const char* const* block) {
    Environment environment;
    for (; block != nullptr && *block != nullptr; ++block) {
        const std::string_view entry = *block;
        const auto equals = entry.find('=');
        if (equals != std::string_view::npos && equals != 0) {
            environment.try_emplace(std::string(entry.substr(0, equals)), entry.substr(equals + 1));
        }
    }
    return environment;
}

std::vector<std::string> to_strings(const Environment& environment) {
    std::vector<std::string> strings;
    strings.reserve(environment.size());
    for (const auto& [name, value] : environment) {
        strings.push_back(name);
        strings.back().append("=").append(value);
    }
    return strings;
}

std::optional<std::string_view> lookup(const Environment& environment, std::string_view name) {
    const auto found = environment.find(name);
    return found == environment.end() ? std::nullopt : std::optional<std::string_view>(found->second);
}

}  // namespace mpi_podman
