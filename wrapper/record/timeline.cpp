#include "record/timeline.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <cmath>

namespace mpi_podman {
namespace {

struct PhaseRow {
    std::string_view name, words;
    Moment from;
};

/// Each lasts until the next one that was seen begins.
constexpr std::array phase_rows{
    PhaseRow{"waiting", "mpi-podman starts, and waits for the container", Moment::started},
    PhaseRow{"podman", "podman starts the container, asked by this rank", Moment::asked_podman},
    PhaseRow{"entering", "enters the container", Moment::inside},
    PhaseRow{"loading", "the program runs", Moment::executed},
    PhaseRow{"working", "MPI_Init was reached (the first connection)", Moment::connected}};

// In the SVG's units, pixels at its natural size.
constexpr double width = 960, left = 110, right = 20, row = 16, bar = 11, node_row = 22, axis = 28;

class Scale {
public:
    Scale(double begin, double end) : begin_(begin), seconds_(std::max(end - begin, 1e-3)) {}
    [[nodiscard]] double x(double at) const {
        return left + std::clamp((at - begin_) / seconds_, 0.0, 1.0) * (width - left - right);
    }
    [[nodiscard]] double seconds() const { return seconds_; }
    [[nodiscard]] double begin() const { return begin_; }

private:
    double begin_, seconds_;
};

std::string bar_of(const Phase& phase, const RankRecord& rank, const Scale& scale, double y) {
    const double from = scale.x(phase.begin);
    const double to = scale.x(phase.end);
    if (to - from < 0.05) {
        return {};
    }
    return fmt::format(
        "<rect class=\"{}\" x=\"{:.2f}\" y=\"{:.1f}\" width=\"{:.2f}\" height=\"{}\"><title>rank {}: {}, "
        "{:.3f} s "
        "from {:.3f} s</title></rect>\n",
        phase.name, from, y, to - from, bar, rank.rank, escaped(phase.words), phase.end - phase.begin,
        phase.begin - scale.begin());
}

std::string ticks_of(const Scale& scale, double height) {
    std::string text;
    const double step = tick_for(scale.seconds());
    const int decimals = std::max(0, static_cast<int>(std::ceil(-std::log10(step) - 1e-9)));
    for (int i = 0; i * step <= scale.seconds() * 1.0001; ++i) {
        const double at = i * step;
        const double x = scale.x(scale.begin() + at);
        text += fmt::format(
            "<line class=\"tick\" x1=\"{0:.2f}\" x2=\"{0:.2f}\" y1=\"0\" y2=\"{1:.1f}\"/>\n"
            "<text class=\"axis\" x=\"{0:.2f}\" y=\"{2:.1f}\">{3:.{4}f} s</text>\n",
            x, height, height + 16, at, decimals);
    }
    return text;
}

/// By node, then number.
std::vector<const RankRecord*> by_node(const std::vector<RankRecord>& ranks) {
    std::vector<const RankRecord*> ordered;
    ordered.reserve(ranks.size());
    for (const auto& rank : ranks) {
        ordered.push_back(&rank);
    }
    std::ranges::stable_sort(ordered, {}, [](const RankRecord* rank) { return rank->node; });
    return ordered;
}

}  // namespace

std::vector<Phase> all_phases() {
    std::vector<Phase> phases;
    phases.reserve(phase_rows.size());
    for (const auto& [name, words, from] : phase_rows) {
        phases.push_back({name, words, 0, 0});
    }
    return phases;
}

std::vector<Phase> phases_of(const RankRecord& rank, double now) {
    std::vector<Phase> phases;
    for (const auto& [name, words, from] : phase_rows) {
        if (const auto& begin = rank.moments[from]) {
            if (!phases.empty()) {
                phases.back().end = std::max(phases.back().begin, *begin);
            }
            phases.push_back({name, words, *begin, *begin});
        }
    }
    if (!phases.empty()) {
        phases.back().end = std::max(phases.back().begin, rank.moments[Moment::ended].value_or(now));
    }
    return phases;
}

Span span_of(const std::vector<RankRecord>& ranks) {
    Span span;
    bool any = false;
    for (const auto& rank : ranks) {
        for (std::size_t i = 0; i < moments_in_all; ++i) {
            if (const auto& at = rank.moments[static_cast<Moment>(i)]) {
                span.begin = any ? std::min(span.begin, *at) : *at;
                span.end = any ? std::max(span.end, *at) : *at;
                any = true;
            }
        }
        for (const auto moment : {Moment::executed, Moment::connected}) {
            span.at_work = std::max(span.at_work, rank.moments[moment].value_or(0));
        }
    }
    span.at_work = std::max(span.at_work, span.begin);
    return span;
}

double tick_for(double seconds) {
    const double power = std::pow(10, std::floor(std::log10(seconds)) - 1);
    for (const double step : {1, 2, 5, 10, 20}) {
        if (seconds / (step * power) <= 10) {
            return step * power;
        }
    }
    return seconds;
}

std::string svg_of(const std::vector<RankRecord>& ranks, double begin, double end, const std::string& title) {
    const Scale scale(begin, end);
    std::string rows;
    std::string node;
    double y = 0;
    for (const auto* rank : by_node(ranks)) {
        if (rank->node != node || y == 0) {
            node = rank->node;
            rows +=
                fmt::format("<text class=\"node\" x=\"0\" y=\"{:.1f}\">{}</text>\n", y + 15, escaped(node));
            y += node_row;
        }
        rows += fmt::format("<text class=\"rank\" x=\"{}\" y=\"{:.1f}\">rank {}</text>\n", left - 8, y + 9,
                            rank->rank);
        for (const auto& phase : phases_of(*rank, end)) {
            if (phase.begin < end) {
                rows += bar_of(phase, *rank, scale, y);
            }
        }
        y += row;
    }
    return fmt::format("<svg viewBox=\"0 0 {} {:.0f}\" role=\"img\" aria-label=\"{}\">\n{}{}</svg>\n", width,
                       y + axis, escaped(title), ticks_of(scale, y), rows);
}

std::string escaped(std::string_view text) {
    std::string safe;
    for (const char c : text) {
        switch (c) {
            case '&': safe += "&amp;"; break;
            case '<': safe += "&lt;"; break;
            case '>': safe += "&gt;"; break;
            case '"': safe += "&quot;"; break;
            default: safe += static_cast<unsigned char>(c) < ' ' || c == 0x7f ? '?' : c;
        }
    }
    return safe;
}

}  // namespace mpi_podman
