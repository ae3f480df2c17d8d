/// The ranks of a job over time, as a picture. Pure.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "record/rank_record.hpp"

namespace mpi_podman {

/// What a rank does between two moments; `name` is also the class that the page's style colours.
struct Phase {
    std::string_view name, words;
    double begin, end;  ///< seconds since the epoch
};

/// Of what was seen of it, in order; `now` ends a rank whose end was not.
std::vector<Phase> phases_of(const RankRecord& rank, double now);

/// The words of each phase, by name, for the legend.
std::vector<Phase> all_phases();

/// When the first wrapper started, when all ranks were connected or at work, and when the last one ended.
struct Span {
    double begin = 0, at_work = 0, end = 0;
};
Span span_of(const std::vector<RankRecord>& ranks);

/// A distance between ticks that divides `seconds` into five to ten: 1, 2 or 5 of a power of ten.
double tick_for(double seconds);

/// An <svg> with a row for each rank, below its node's name, from `begin` to `end`.
std::string svg_of(const std::vector<RankRecord>& ranks, double begin, double end, const std::string& title);

/// As text in HTML, bytes that are no letters of it and control characters replaced.
std::string escaped(std::string_view text);

}  // namespace mpi_podman
