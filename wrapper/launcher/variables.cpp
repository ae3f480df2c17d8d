#include "launcher/variables.hpp"

#include <algorithm>
#include <charconv>
#include <climits>
#include <filesystem>

namespace mpi_podman {
namespace {

constexpr std::uint32_t largest = INT_MAX;  // MPI_Comm_rank(3) and MPI_Comm_size(3) tell an int

/// Values are bytes of any length, messages are one line: other than printable ASCII becomes '?', the rest is
/// cut.
std::string printable(std::string_view value) {
    constexpr std::size_t longest = 60;
    std::string text(value.substr(0, longest));
    std::replace_if(
        text.begin(), text.end(), [](char c) { return c < ' ' || c > '~'; }, '?');
    return value.size() > longest ? text + "..." : text;
}

std::optional<std::uint32_t> parse(std::string_view text) {
    std::uint32_t number = 0;
    const auto* const end = text.data() + text.size();
    const auto [stop, error] = std::from_chars(text.data(), end, number);
    return error == std::errc{} && stop == end && number <= largest ? std::optional(number) : std::nullopt;
}

std::optional<std::uint32_t> list_length(std::string_view text) {
    std::uint32_t length = 0;
    for (std::size_t comma = 0; comma != std::string_view::npos; ++length) {
        comma = text.find(',');
        if (!parse(text.substr(0, comma))) {
            return std::nullopt;
        }
        text.remove_prefix(comma == std::string_view::npos ? text.size() : comma + 1);
    }
    return length;
}

Result<ToldNumber> read_number(const NumberSource& source, std::string_view value) {
    const bool list = source.reading == Reading::list_length;
    const auto number = list ? list_length(value) : parse(value);
    if (!number) {
        return absurd(source.name, value,
                      list ? "is no comma-separated list of numbers"
                           : "is no number from 0 to " + std::to_string(largest));
    }
    return ToldNumber{*number, source.name};
}

}  // namespace

tl::unexpected<Error> absurd(std::string_view name, std::string_view value, std::string_view what) {
    return failure(
        Status::ours, printable(name) + "='" + printable(value) + "' " + std::string(what),
        "the launcher sets it: find what changes it on the way to mpi-podman (a shell profile, a script "
        "around it, mpirun -x, srun --export)");
}

Result<std::optional<ToldNumber>> agreed_number(const Environment& environment,
                                                const std::vector<NumberSource>& sources) {
    std::optional<ToldNumber> agreed;
    for (const auto& source : sources) {
        const auto value = lookup(environment, source.name);
        if (!value) {
            continue;
        }
        const auto number = read_number(source, *value);
        if (!number) {
            return failure(number.error());
        }
        if (agreed && agreed->value != number->value) {
            return absurd(source.name, *value,
                          "contradicts " + std::string(agreed->name) + "=" + std::to_string(agreed->value));
        }
        agreed = agreed ? agreed : std::optional(*number);
    }
    return agreed;
}

Result<std::string> absolute_path(std::string_view name, std::string_view value) {
    if (!value.starts_with('/')) {
        return absurd(name, value, "is no absolute path");
    }
    const std::filesystem::path path(value);
    if (std::find(path.begin(), path.end(), "..") != path.end()) {
        return absurd(name, value, "holds \"..\"");
    }
    auto text = path.lexically_normal().string();
    while (text.size() > 1 && text.back() == '/') {
        text.pop_back();
    }
    return text;
}

bool matches(std::string_view pattern, std::string_view name) {
    // Most of a hundred patterns begin with another letter than the name.
    if (!pattern.empty() && !name.empty() && pattern.front() != name.front() && pattern.front() != '*') {
        return false;
    }
    const auto star = pattern.find('*');
    if (star == std::string_view::npos) {
        return name == pattern;
    }
    return name.size() + 1 >= pattern.size() && name.starts_with(pattern.substr(0, star)) &&
           name.ends_with(pattern.substr(star + 1));
}

}  // namespace mpi_podman
