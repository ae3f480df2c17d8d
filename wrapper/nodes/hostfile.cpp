#include "nodes/hostfile.hpp"

#include <algorithm>
#include <array>
#include <optional>
#include <sstream>

#include "sys/fd.hpp"

namespace mpi_podman {
namespace {

bool is_number(std::string_view text) {
    return !text.empty() && text.find_first_not_of("0123456789") == std::string_view::npos;
}

/// A name that ssh(1) takes for a host and never for an option.
bool is_name(std::string_view text) {
    const auto allowed = [](unsigned char c) {
        return std::isalnum(c) != 0 || c == '.' || c == '-' || c == '_' || c == '@';
    };
    return !text.empty() && text.front() != '-' && text.front() != '@' && std::ranges::all_of(text, allowed);
}

/// NAME=VALUE; those that count slots have a number.
bool is_setting(const std::string& word) {
    constexpr std::array<std::string_view, 3> numbers{"slots", "max_slots", "max-slots"};
    const auto equals = word.find('=');
    if (equals == 0 || equals == std::string::npos || equals + 1 == word.size()) {
        return false;
    }
    const auto name = std::string_view(word).substr(0, equals);
    return std::ranges::find(numbers, name) == numbers.end() || is_number(word.substr(equals + 1));
}

/// The node of a line without its comment; empty where it names none; nothing where it is wrong.
std::optional<std::string> node_of(const std::string& line) {
    std::istringstream words(line);
    std::string first;
    words >> first;
    const auto colon = first.find(':');
    if (colon != std::string::npos && !is_number(std::string_view(first).substr(colon + 1))) {
        return std::nullopt;
    }
    const auto name = first.substr(0, colon);
    for (std::string word; words >> word;) {
        if (!is_setting(word)) {
            return std::nullopt;
        }
    }
    return first.empty() || is_name(name) ? std::optional(name) : std::nullopt;
}

}  // namespace

Result<std::vector<std::string>> nodes_in(std::string_view text, const std::string& file) {
    std::vector<std::string> nodes;
    std::istringstream lines{std::string(text)};
    std::size_t number = 0;
    for (std::string line; std::getline(lines, line);) {
        ++number;
        const auto node = node_of(line.substr(0, line.find('#')));
        if (!node) {
            return failure(Status::usage,
                           file + ":" + std::to_string(number) + ": '" + line + "' is no node of a hostfile",
                           "write a line for each node: NAME slots=N, or NAME:N");
        }
        if (!node->empty() && std::ranges::find(nodes, *node) == nodes.end()) {
            nodes.push_back(*node);
        }
    }
    if (nodes.empty()) {
        return failure(Status::usage, file + ":" + std::to_string(number) + ": there is no node in it",
                       "write a line for each node: NAME slots=N");
    }
    return nodes;
}

Result<std::vector<std::string>> read_hostfile(const std::string& file, const std::string& directory) {
    const auto text = read_file(file.starts_with('/') ? file : directory + "/" + file);
    if (!text) {
        return failure(Status::usage, "cannot read the hostfile: " + text.error().message,
                       "give a file with a line for each node: NAME slots=N");
    }
    return nodes_in(*text, file);
}

}  // namespace mpi_podman
