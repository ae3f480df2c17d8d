#include "distribute/page.hpp"

#include <algorithm>
#include <array>

namespace mpi_podman {
namespace {

using Stage = Receiver::Stage;

/// Of something that could not be done; `why` is of any origin.
std::string cannot(const std::string& node, std::string why) {
    std::ranges::replace(why, '\n', ' ');
    return node + ": cannot: " + why + "\n";
}

}  // namespace

std::string amount(std::uint64_t bytes) {
    constexpr std::uint64_t thousand = 1000;
    constexpr std::array<const char*, 3> units{"kB", "MB", "GB"};
    if (bytes < thousand) {
        return std::to_string(bytes) + " bytes";
    }
    std::size_t unit = 0;
    for (; unit + 1 < units.size() && bytes >= thousand * thousand; ++unit) {
        bytes /= thousand;
    }
    const auto whole = std::to_string(bytes / thousand);
    const bool is_short = unit + 1 == units.size() && bytes < 100 * thousand;
    return whole + (is_short ? "." + std::to_string(bytes % thousand / 100) : "") + " " + units.at(unit);
}

std::string outcome_of(const Receiver& receiver, const std::string& sender) {
    const auto& node = receiver.facts.node;
    if (receiver.stage != Stage::done) {
        return cannot(node, receiver.words);
    }
    if (receiver.shares) {
        return node + ": has it, in the store of " + sender + "\n";
    }
    if (receiver.moved + receiver.now == 0) {
        return node + ": nothing, all of it had come before\n";
    }
    const auto layers = std::to_string(receiver.layers) + (receiver.layers == 1 ? " layer" : " layers");
    return node + ": " + amount(receiver.moved + receiver.now) + " in " + layers + ", from " + sender + "\n";
}

std::string outcome_of(const StoreFacts& facts) {
    return facts.problem.empty() ? facts.node + ": has it\n" : cannot(facts.node, facts.problem);
}

std::string state_of(const Receiver& receiver, const std::string& sender) {
    const auto begin = receiver.facts.node + ": ";
    if (receiver.stage == Stage::loading) {
        return begin + "podman takes it in";
    }
    return receiver.of == 0
               ? begin + "begins, from " + sender
               : begin + amount(receiver.now) + " of " + amount(receiver.of) + ", from " + sender;
}

std::string sum_of(std::size_t have, std::size_t nodes, const ImageIdentity& image, std::uint64_t moved) {
    constexpr std::size_t digits = 12;
    return std::to_string(have) + " of " + std::to_string(nodes) + " nodes have " + image.name + ", id " +
           image.id.substr(0, digits) + "; moved " + amount(moved) + "\n";
}

std::string block_of(const std::vector<std::string>& lines, std::size_t columns, std::size_t rows) {
    std::string block;
    for (std::size_t i = lines.size() - std::min(lines.size(), rows); i < lines.size(); ++i) {
        block += lines[i].substr(0, columns) + "\n";
    }
    return block;
}

}  // namespace mpi_podman
