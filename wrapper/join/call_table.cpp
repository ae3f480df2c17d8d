#include "join/call_table.hpp"

#include <linux/filter.h>
#include <linux/seccomp.h>

#include <algorithm>
#include <cstddef>
#include <optional>
#include <span>
#include <utility>
#include <vector>

namespace mpi_podman {
namespace {

using Program = std::vector<sock_filter>;

/// From this number on, up to the next one's; without an action: not ours to say.
struct Range {
    std::uint32_t first;
    std::optional<std::uint32_t> action;
};

std::vector<Range> ranges_of(const Actions& actions) {
    std::vector<Range> ranges{{0, std::nullopt}};
    const auto begin = [&](std::uint32_t number, std::optional<std::uint32_t> action) {
        if (ranges.back().first == number) {
            ranges.back().action = action;
        } else if (ranges.back().action != action) {
            ranges.push_back({number, action});
        }
    };
    for (const auto& [number, action] : actions) {
        begin(number, action);
        if (number < UINT32_MAX && !actions.contains(number + 1)) {
            begin(number + 1, std::nullopt);
        }
    }
    return ranges;
}

/// A jump to the end of the whole, wherever that will be.
constexpr sock_filter to_the_end = BPF_STMT(BPF_JMP | BPF_JA, UINT32_MAX);

bool leads_to_the_end(const sock_filter& step) {
    return step.code == to_the_end.code && step.k == to_the_end.k;
}

void append(Program& program, const Program& part) {
    program.insert(program.end(), part.begin(), part.end());
}

/// From one step to a later one, as a condition counts it.
std::uint8_t steps_between(std::size_t from, std::size_t to) {
    return static_cast<std::uint8_t>(to - from - 1);
}

/// Conditions that halve the ranges, and behind them a step for each action that there is, which many lead
/// to.
class Tree {
public:
    explicit Tree(std::span<const Range> ranges) : conditions_(ranges.size() - 1), program_(conditions_) {
        plant(ranges, 0);
        for (const auto& action : actions_) {
            program_.push_back(action ? sock_filter BPF_STMT(BPF_RET | BPF_K, *action) : to_the_end);
        }
    }
    [[nodiscard]] Program take() && { return std::move(program_); }

private:
    std::size_t leaf_of(const Range& range) {
        const auto leaf = std::find(actions_.begin(), actions_.end(), range.action);
        const auto number = static_cast<std::size_t>(leaf - actions_.begin());
        if (leaf == actions_.end()) {
            actions_.push_back(range.action);
        }
        return conditions_ + number;
    }

    /// Where these begin: their leaf, or the first of their conditions, which have their place `here`.
    std::size_t plant(std::span<const Range> ranges, std::size_t here) {
        if (ranges.size() == 1) {
            return leaf_of(ranges.front());
        }
        const auto half = ranges.size() / 2;
        const auto below = plant(ranges.first(half), here + 1);
        const auto above = plant(ranges.subspan(half), here + half);
        program_[here] = BPF_JUMP(BPF_JMP | BPF_JGE | BPF_K, ranges[half].first, steps_between(here, above),
                                  steps_between(here, below));
        return here;
    }

    std::size_t conditions_;
    Program program_;
    std::vector<std::optional<std::uint32_t>> actions_;
};

/// The number, which has been loaded, is in one of these.
Program search(std::span<const Range> ranges) {
    constexpr std::size_t most_in_reach = 128;  // as many conditions and leaves as one can jump over
    if (ranges.size() <= most_in_reach) {
        return Tree(ranges).take();
    }
    const auto half = ranges.size() / 2;
    const auto below = search(ranges.first(half));
    Program program{BPF_JUMP(BPF_JMP | BPF_JGE | BPF_K, ranges[half].first, 0, 1),
                    BPF_STMT(BPF_JMP | BPF_JA, static_cast<std::uint32_t>(below.size()))};
    append(program, below);
    append(program, search(ranges.subspan(half)));
    return program;
}

}  // namespace

std::string program_of(const std::map<std::uint32_t, Actions>& by_architecture) {
    Program program;
    for (const auto& [architecture, actions] : by_architecture) {
        const auto ranges = ranges_of(actions);
        const auto found = search(ranges);
        append(program, {BPF_STMT(BPF_LD | BPF_W | BPF_ABS, offsetof(seccomp_data, arch)),
                         BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, architecture, 1, 0),
                         BPF_STMT(BPF_JMP | BPF_JA, static_cast<std::uint32_t>(found.size() + 1)),
                         BPF_STMT(BPF_LD | BPF_W | BPF_ABS, offsetof(seccomp_data, nr))});
        append(program, found);
    }
    for (std::size_t i = 0; i < program.size(); ++i) {
        if (leads_to_the_end(program[i])) {
            program[i].k = static_cast<std::uint32_t>(program.size() - i - 1);
        }
    }
    // NOLINTNEXTLINE(cppcoreguidelines-pro-type-reinterpret-cast): as the kernel takes it
    return {reinterpret_cast<const char*>(program.data()), program.size() * sizeof(sock_filter)};
}

}  // namespace mpi_podman
