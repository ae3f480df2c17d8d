#include "join/call_table.hpp"

#include <linux/filter.h>
#include <linux/seccomp.h>

#include <algorithm>
#include <cstddef>
#include <numeric>
#include <optional>
#include <span>
#include <utility>
#include <vector>

namespace mpi_podman {
namespace {

using Program = std::vector<sock_filter>;

/// Without one: not ours to say.
using Action = std::optional<std::uint32_t>;

/// From this number on, up to the next one's.
struct Range {
    std::uint32_t first;
    Action action;
};

std::vector<Range> ranges_of(const Actions& actions) {
    std::vector<Range> ranges{{0, std::nullopt}};
    const auto begin = [&](std::uint32_t number, Action action) {
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

/// From this number on, up to the next one's: one action, but for a few numbers.
struct Span {
    std::uint32_t first;
    Action action;
    std::vector<std::pair<std::uint32_t, Action>> exceptions;
};

/// These as one, if it has few exceptions: of each it takes a step to tell, two to tell it by halving.
std::optional<Span> span_of(std::span<const Range> ranges, std::uint64_t end) {
    constexpr std::size_t most_exceptions = 3;
    const auto end_of = [&](std::size_t i) { return i + 1 < ranges.size() ? ranges[i + 1].first : end; };
    std::map<Action, std::uint64_t> sizes;
    for (std::size_t i = 0; i < ranges.size(); ++i) {
        sizes[ranges[i].action] += end_of(i) - ranges[i].first;
    }
    const auto widest = std::ranges::max_element(sizes, {}, [](const auto& size) { return size.second; });
    Span span{ranges.front().first, widest->first, {}};
    for (std::size_t i = 0; i < ranges.size(); ++i) {
        for (std::uint64_t number = ranges[i].first; ranges[i].action != span.action && number < end_of(i);
             ++number) {
            if (span.exceptions.size() == most_exceptions) {
                return std::nullopt;
            }
            span.exceptions.emplace_back(static_cast<std::uint32_t>(number), ranges[i].action);
        }
    }
    return span;
}

std::vector<Span> spans_of(std::span<const Range> ranges) {
    constexpr std::uint64_t end_of_numbers = std::uint64_t{UINT32_MAX} + 1;
    std::vector<Span> spans;
    while (!ranges.empty()) {
        std::size_t taken = 0;
        std::optional<Span> longest;
        for (std::size_t count = 1; count <= ranges.size(); ++count) {
            auto span =
                span_of(ranges.first(count), count < ranges.size() ? ranges[count].first : end_of_numbers);
            if (!span) {
                break;
            }
            taken = count;
            longest = std::move(span);
        }
        spans.push_back(std::move(*longest));
        ranges = ranges.subspan(taken);
    }
    return spans;
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

/// What tells these apart: a step for each exception, and one for each time that they are halved.
std::size_t conditions_of(std::span<const Span> spans) {
    return std::accumulate(spans.begin(), spans.end(), spans.size() - 1,
                           [](std::size_t sum, const Span& span) { return sum + span.exceptions.size(); });
}

/// Conditions that halve the spans, and behind them a step for each action that there is, which many lead to.
class Tree {
public:
    explicit Tree(std::span<const Span> spans) : conditions_(conditions_of(spans)), program_(conditions_) {
        plant(spans, 0);
        for (const auto& action : actions_) {
            program_.push_back(action ? sock_filter BPF_STMT(BPF_RET | BPF_K, *action) : to_the_end);
        }
    }
    [[nodiscard]] Program take() && { return std::move(program_); }

private:
    std::size_t leaf_of(const Action& action) {
        const auto leaf = std::find(actions_.begin(), actions_.end(), action);
        const auto number = static_cast<std::size_t>(leaf - actions_.begin());
        if (leaf == actions_.end()) {
            actions_.push_back(action);
        }
        return conditions_ + number;
    }

    /// Where a span begins: its leaf, or the first of its exceptions, which have their places from `here` on.
    std::size_t plant(const Span& span, std::size_t here) {
        std::size_t next = leaf_of(span.action);
        for (std::size_t i = span.exceptions.size(); i-- > 0;) {
            const auto& [number, action] = span.exceptions[i];
            program_[here + i] =
                BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, number, steps_between(here + i, leaf_of(action)),
                         steps_between(here + i, next));
            next = here + i;
        }
        return next;
    }

    /// The same of several, of which the first condition has its place `here`.
    std::size_t plant(std::span<const Span> spans, std::size_t here) {
        if (spans.size() == 1) {
            return plant(spans.front(), here);
        }
        const auto lower = spans.first(spans.size() / 2);
        const auto upper = spans.subspan(lower.size());
        const auto below = plant(lower, here + 1);
        const auto above = plant(upper, here + 1 + conditions_of(lower));
        program_[here] = BPF_JUMP(BPF_JMP | BPF_JGE | BPF_K, upper.front().first, steps_between(here, above),
                                  steps_between(here, below));
        return here;
    }

    std::size_t conditions_;
    Program program_;
    std::vector<Action> actions_;
};

/// The number, which has been loaded, is in one of these.
Program search(std::span<const Span> spans) {
    constexpr std::size_t most_in_reach = 128;  // conditions, and as many leaves, that one can jump over
    if (spans.size() == 1 || conditions_of(spans) < most_in_reach) {
        return Tree(spans).take();
    }
    const auto half = spans.size() / 2;
    const auto below = search(spans.first(half));
    Program program{BPF_JUMP(BPF_JMP | BPF_JGE | BPF_K, spans[half].first, 0, 1),
                    BPF_STMT(BPF_JMP | BPF_JA, static_cast<std::uint32_t>(below.size()))};
    append(program, below);
    append(program, search(spans.subspan(half)));
    return program;
}

}  // namespace

std::string program_of(const ByArchitecture& by_architecture) {
    Program program;
    if (!by_architecture.empty()) {
        program = {BPF_STMT(BPF_LD | BPF_W | BPF_ABS, offsetof(seccomp_data, arch))};
    }
    for (const auto& [architecture, actions] : by_architecture) {
        const auto found = search(spans_of(ranges_of(actions)));
        append(program, {BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, architecture, 1, 0),
                         BPF_STMT(BPF_JMP | BPF_JA, static_cast<std::uint32_t>(found.size() + 1)),
                         BPF_STMT(BPF_LD | BPF_W | BPF_ABS, offsetof(seccomp_data, nr))});
        append(program, found);
    }
    for (std::size_t i = 0; i < program.size(); ++i) {
        if (leads_to_the_end(program[i])) {
            program[i].k = static_cast<std::uint32_t>(program.size() - i - 1);
        }
    }
    return bytes_of(program);
}

std::string bytes_of(std::span<const sock_filter> steps) {
    // NOLINTNEXTLINE(cppcoreguidelines-pro-type-reinterpret-cast): as the kernel takes them
    return {reinterpret_cast<const char*>(steps.data()), steps.size_bytes()};
}

}  // namespace mpi_podman
