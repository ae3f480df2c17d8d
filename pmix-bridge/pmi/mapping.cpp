#include "pmi/mapping.hpp"

#include <algorithm>
#include <array>
#include <charconv>
#include <map>

namespace mpi_podman::pmi {
namespace {

/// More nodes than anybody has: who counts up to the last of a mapping comes to an end, and a number has
/// room.
constexpr std::uint32_t most_nodes = 1U << 24U;

/// `ranks` ranks on each of `nodes` nodes, of which `first` is the first.
struct Block {
    std::uint32_t first = 0, nodes = 0, ranks = 0;
    bool operator==(const Block&) const = default;
};

/// One block for each run of ranks on one node, joined where equal runs are on nodes that follow each other.
std::vector<Block> blocks_of(const Mapping& mapping) {
    std::vector<Block> blocks;
    for (std::size_t at = 0; at < mapping.size();) {
        const auto node = mapping[at];
        const auto begin = at;
        while (at < mapping.size() && mapping[at] == node) {
            ++at;
        }
        const auto ranks = static_cast<std::uint32_t>(at - begin);
        if (!blocks.empty() && blocks.back().ranks == ranks &&
            blocks.back().first + blocks.back().nodes == node) {
            ++blocks.back().nodes;
        } else {
            blocks.push_back({node, 1, ranks});
        }
    }
    return blocks;
}

/// Without its repetitions, which readers add by themselves: a placement by node of many ranks is one block.
std::vector<Block> once(std::vector<Block> blocks) {
    for (std::size_t period = 1; period < blocks.size(); ++period) {
        bool repeats = blocks.size() % period == 0;
        for (std::size_t at = period; repeats && at < blocks.size(); ++at) {
            repeats = blocks[at] == blocks[at % period];
        }
        if (repeats) {
            blocks.resize(period);
        }
    }
    return blocks;
}

bool skip(std::string_view& text, std::string_view what) {
    const bool there = text.starts_with(what);
    text.remove_prefix(there ? what.size() : 0);
    return there;
}

bool take_number(std::string_view& text, std::uint32_t& number) {
    const auto [stop, error] = std::from_chars(text.data(), text.data() + text.size(), number);
    text.remove_prefix(static_cast<std::size_t>(stop - text.data()));
    return error == std::errc();
}

bool take_block(std::string_view& text, Block& block) {
    return skip(text, ",(") && take_number(text, block.first) && skip(text, ",") &&
           take_number(text, block.nodes) && skip(text, ",") && take_number(text, block.ranks) &&
           skip(text, ")");
}

}  // namespace

Mapping mapping_of(const std::vector<std::string>& node_names) {
    std::map<std::string, std::uint32_t> numbers;
    Mapping mapping;
    for (const auto& name : node_names) {
        const auto next = static_cast<std::uint32_t>(numbers.size());
        mapping.push_back(numbers.emplace(name, next).first->second);
    }
    return mapping;
}

std::string encode_mapping(const Mapping& mapping) {
    std::string text = "(vector";
    for (const auto& block : once(blocks_of(mapping))) {
        text.append(",(").append(std::to_string(block.first)).append(",");
        text.append(std::to_string(block.nodes)).append(",").append(std::to_string(block.ranks)).append(")");
    }
    return text + ")";
}

Result<Mapping> decode_mapping(std::string_view text, std::uint32_t size) {
    const auto odd = failure(Status::ours, "the launcher's process mapping is odd: " + std::string(text),
                             "report it, with the launcher's version");
    auto rest = text;
    std::vector<Block> blocks;
    bool holds_ranks = false;
    if (!skip(rest, "(vector")) {
        return odd;
    }
    while (!skip(rest, ")")) {
        Block block;
        if (!take_block(rest, block)) {
            return odd;
        }
        holds_ranks = holds_ranks || (block.nodes > 0 && block.ranks > 0);
        blocks.push_back(block);
    }
    if (!rest.empty() || !holds_ranks) {
        return odd;
    }
    Mapping mapping;
    for (std::size_t at = 0; mapping.size() < size; at = (at + 1) % blocks.size()) {
        const auto& block = blocks[at];
        for (std::uint32_t node = 0; block.ranks > 0 && node < block.nodes && mapping.size() < size; ++node) {
            if (std::uint64_t{block.first} + node >= most_nodes) {
                return odd;
            }
            const auto room = std::min<std::size_t>(block.ranks, size - mapping.size());
            mapping.insert(mapping.end(), room, block.first + node);
        }
    }
    return mapping;
}

}  // namespace mpi_podman::pmi
