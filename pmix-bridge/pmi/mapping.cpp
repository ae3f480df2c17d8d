#include "pmi/mapping.hpp"

#include <algorithm>
#include <array>
#include <charconv>
#include <map>
#include <optional>
#include <utility>

namespace mpi_podman::pmi {
namespace {

/// More nodes than anybody has: who counts up to the last of a mapping comes to an end, and a number has
/// room.
constexpr std::uint32_t most_nodes = 1U << 24U;

/// `ranks` ranks on each of `nodes` nodes, of which `first` is the first.
struct Block {
    std::uint32_t first = 0, nodes = 1, ranks = 1;
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

/// How many ranks there are before they repeat, the last time maybe in part. Readers, which stop at the last
/// rank, go back to the first block that begins with node 0: so that must be the first of all. Where all are
/// on one node there is one block as it is.
std::ptrdiff_t before_they_repeat(const Mapping& mapping) {
    const auto other = std::find_if(mapping.begin(), mapping.end(), [](auto node) { return node != 0; });
    if (other != mapping.begin()) {
        for (auto at = other; at != mapping.end(); ++at) {
            if (std::equal(at, mapping.end(), mapping.begin())) {
                return at - mapping.begin();
            }
        }
    }
    return mapping.end() - mapping.begin();
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

/// A block, of which a lone rank on a node is that node's number.
bool take_block(std::string_view& text, Block& block) {
    block = {};
    return !skip(text, "(")
               ? take_number(text, block.first)
               : take_number(text, block.first) && skip(text, ",") && take_number(text, block.nodes) &&
                     skip(text, ",") && take_number(text, block.ranks) && skip(text, ")");
}

/// Reads a text from its begin to its end, and takes no more than `size` ranks of what it tells.
class Reading {
public:
    Reading(std::string_view text, std::uint32_t size) : rest_(text), size_(size) {}

    /// "(vector" and blocks, or groups of them that repeat, each after a comma, and ")". False where it is
    /// not so, or does not tell of every rank.
    bool read_all() {
        if (!skip(rest_, "(vector")) {
            return false;
        }
        do {
            if (!skip(rest_, ",") || !(skip(rest_, "[") ? read_group() : read_block())) {
                return false;
            }
        } while (!skip(rest_, ")"));
        again_from(back_to_.value_or(0), size_);
        return rest_.empty() && mapping_.size() == size_;
    }
    Mapping mapping() && { return std::move(mapping_); }

private:
    bool read_block() {
        Block block;
        if (!take_block(rest_, block)) {
            return false;
        }
        if (block.first == 0) {
            back_to_ = back_to_.value_or(mapping_.size());
        }
        for (std::uint32_t node = 0; block.ranks > 0 && node < block.nodes && room() > 0; ++node) {
            if (std::uint64_t{block.first} + node >= most_nodes) {
                return false;
            }
            mapping_.insert(mapping_.end(), std::min<std::size_t>(block.ranks, room()), block.first + node);
        }
        return true;
    }

    /// What follows "[": blocks, and "]x" with how often they come.
    bool read_group() {
        const auto begin = mapping_.size();
        do {
            if (!read_block()) {
                return false;
            }
        } while (skip(rest_, ","));
        std::uint32_t times = 0;
        if (!skip(rest_, "]x") || !take_number(rest_, times) || times == 0) {
            return false;
        }
        again_from(begin, begin + std::uint64_t{times} * (mapping_.size() - begin));
        return true;
    }

    /// The ranks from `begin` on once more, and so on until there are `most`.
    void again_from(std::size_t begin, std::uint64_t most) {
        const auto period = mapping_.size() - begin;
        while (period > 0 && mapping_.size() < most && room() > 0) {
            mapping_.push_back(mapping_[mapping_.size() - period]);
        }
    }

    [[nodiscard]] std::size_t room() const { return size_ - mapping_.size(); }

    std::string_view rest_;
    std::uint32_t size_;
    Mapping mapping_;
    std::optional<std::size_t> back_to_;  ///< the first rank of the first block that begins with node 0
};

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
    const Mapping once(mapping.begin(), mapping.begin() + before_they_repeat(mapping));
    for (const auto& block : blocks_of(once)) {
        text.append(",(").append(std::to_string(block.first)).append(",");
        text.append(std::to_string(block.nodes)).append(",").append(std::to_string(block.ranks)).append(")");
    }
    return text + ")";
}

Result<Mapping> decode_mapping(std::string_view text, std::uint32_t size) {
    Reading reading(text, size);
    if (!reading.read_all()) {
        return failure(Status::ours, "the launcher's process mapping is odd: " + std::string(text),
                       "report it, with the launcher's version");
    }
    return std::move(reading).mapping();
}

}  // namespace mpi_podman::pmi
