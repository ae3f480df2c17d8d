#include "record/page.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <cstring>
#include <map>

#include "record/timeline.hpp"
#include "sys/text.hpp"

namespace mpi_podman {
namespace {

constexpr const char* style = R"(
:root { color-scheme: light dark; --ink: #1b1f24; --paper: #ffffff; --faint: #d5dae0; --waiting: #c3cad3; --podman: #e0a030;
  --entering: #b07cc6; --loading: #7fb2e5; --working: #2f855a; --wrong: #c0392b; }
@media (prefers-color-scheme: dark) { :root { --ink: #e6e8eb; --paper: #15181c; --faint: #3a4149; --waiting: #566070;
  --working: #4fae7f; --wrong: #ff7b6b; } }
body { font: 15px/1.45 system-ui, sans-serif; color: var(--ink); background: var(--paper); max-width: 62rem;
  margin: 1.5rem auto; padding: 0 1rem; }
h1 { font-size: 1.4rem; margin-bottom: 0; } h2 { font-size: 1.1rem; margin-top: 2rem; }
svg { display: block; width: 100%; height: auto; } svg text { fill: var(--ink); font: 11px system-ui, sans-serif; }
svg .node { font-weight: 600; font-size: 13px; } svg .rank { text-anchor: end; } svg .axis { text-anchor: middle; }
svg .tick { stroke: var(--faint); }
.waiting { fill: var(--waiting); background: var(--waiting); } .podman { fill: var(--podman); background: var(--podman); }
.entering { fill: var(--entering); background: var(--entering); }
.loading { fill: var(--loading); background: var(--loading); } .working { fill: var(--working); background: var(--working); }
.legend { padding: 0; list-style: none; display: flex; flex-wrap: wrap; gap: .3rem 1.2rem; font-size: .9rem; }
.legend i { display: inline-block; width: .9rem; height: .8rem; margin-right: .4rem; vertical-align: -1px; }
table { border-collapse: collapse; font-variant-numeric: tabular-nums; } .wide { overflow-x: auto; }
th, td { text-align: left; vertical-align: top; padding: .2rem .9rem .2rem 0; border-bottom: 1px solid var(--faint); }
td.number, th.number { text-align: right; } td.what { font-family: ui-monospace, monospace; overflow-wrap: anywhere; }
.wrong { color: var(--wrong); font-weight: 600; } summary { cursor: pointer; margin: .4rem 0; }
)";

constexpr std::string_view json_begins = "<script type=\"application/json\" id=\"ranks\">\n";
constexpr std::string_view json_ends = "</script>";

bool went_well(const RankRecord& rank) { return rank.ending == Ending{0, 0}; }

std::string ending_in_words(const RankRecord& rank) {
    if (!rank.ending) {
        return rank.error.empty() ? "no end was seen: mpi-podman was killed" : rank.error;
    }
    const auto& [status, signal] = *rank.ending;
    if (signal != 0) {
        return fmt::format("signal {} ({})", signal, ::strsignal(signal));
    }
    return "status " + std::to_string(status);
}

std::string seconds_between(const RankRecord& rank, Moment from, Moment to) {
    const auto& begin = rank.moments[from];
    const auto& end = rank.moments[to];
    return begin && end ? fmt::format("{:.3f}", *end - *begin) : "";
}

std::string number(const std::string& text) { return "<td class=\"number\">" + text + "</td>"; }

std::string ranks_table(const std::vector<RankRecord>& ranks) {
    std::string text =
        "<div class=\"wide\"><table><tr><th class=\"number\">rank</th><th>node</th><th>ended with</th>"
        "<th class=\"number\">start, s</th><th class=\"number\">program, s</th><th class=\"number\">peak "
        "memory, "
        "MB</th><th class=\"number\">CPU user, s</th><th class=\"number\">system, "
        "s</th><th>container</th></tr>\n";
    for (const auto& rank : ranks) {
        const auto usage = rank.usage.value_or(Usage{});
        const auto known = [&](const std::string& value) { return number(rank.usage ? value : ""); };
        text += "<tr>" + number(std::to_string(rank.rank)) + "<td>" + escaped(rank.node) + "</td><td" +
                (went_well(rank) ? "" : " class=\"wrong\"") + ">" + escaped(ending_in_words(rank)) + "</td>" +
                number(seconds_between(rank, Moment::started, Moment::executed)) +
                number(seconds_between(rank, Moment::executed, Moment::ended)) +
                known(fmt::format("{:.1f}", static_cast<double>(usage.peak_kb) / 1024)) +
                known(fmt::format("{:.2f}", usage.user)) + known(fmt::format("{:.2f}", usage.system)) +
                "<td>" + escaped(rank.container) + "</td></tr>\n";
    }
    return text + "</table></div>\n";
}

std::string list_of(const std::string& name, const std::vector<Decision>& decisions, bool open) {
    std::string text =
        fmt::format("<details{}><summary>{}: {}</summary>\n", open ? " open" : "", name, decisions.size());
    text += "<div class=\"wide\"><table>\n";
    for (const auto& [what, why] : decisions) {
        text += "<tr><td class=\"what\">" + escaped(what) + "</td><td>" + escaped(why) + "</td></tr>\n";
    }
    return text + "</table></div></details>\n";
}

std::string decisions_of(const RankRecord& rank) {
    return "<p>" + escaped(rank.pmi) + "</p>\n" + list_of("mounted", rank.mounts, true) +
           list_of("devices", rank.devices, !rank.devices.empty()) +
           list_of("variables set", rank.set, true) +
           list_of("variables of outside that the rank has", rank.passed, false) +
           list_of("variables of outside that it has not", rank.kept_out, false);
}

/// Ranks of a node mostly share all of it.
std::string decisions_by_node(const std::vector<RankRecord>& ranks) {
    std::map<std::string, std::map<std::string, std::vector<std::string>>> nodes;
    for (const auto& rank : ranks) {
        nodes[rank.node][decisions_of(rank)].push_back(std::to_string(rank.rank));
    }
    std::string text;
    for (const auto& [node, decisions] : nodes) {
        for (const auto& [words, numbers] : decisions) {
            text += "<h3>" + escaped(node) + ": rank" + (numbers.size() > 1 ? "s " : " ") + joined(numbers) +
                    "</h3>\n" + words;
        }
    }
    return text;
}

std::string legend() {
    std::string text = "<ul class=\"legend\">";
    for (const auto& phase : all_phases()) {
        text += fmt::format("<li><i class=\"{}\"></i>{}</li>", phase.name, phase.words);
    }
    return text + "</ul>\n";
}

/// Its start alone too, where the rest would leave nothing of that to be seen.
std::string timelines(const std::vector<RankRecord>& ranks) {
    const auto [begin, at_work, end] = span_of(ranks);
    const double start = (at_work - begin) * 1.25;
    std::string text = "<h2>Over time</h2>\n" + legend();
    if (start * 3 < end - begin) {
        text += svg_of(ranks, begin, begin + start, "the start of the job") + "<h2>The whole job</h2>\n";
    }
    return text + svg_of(ranks, begin, end, "the whole job");
}

std::string summary_of(const std::vector<RankRecord>& ranks) {
    const auto& first = ranks.front();
    std::map<std::string, int> nodes;
    for (const auto& rank : ranks) {
        ++nodes[rank.node];
    }
    const auto wrong = ranks.size() - static_cast<std::size_t>(std::ranges::count_if(ranks, went_well));
    const auto span = span_of(ranks);
    std::string text =
        fmt::format("<p>{}{} ranks on {} node{}, {:.3f} s. ",
                    first.launcher.empty() ? "" : "Under " + escaped(first.launcher) + ": ", ranks.size(),
                    nodes.size(), nodes.size() > 1 ? "s" : "", span.end - span.begin);
    if (ranks.size() < first.size) {
        text +=
            fmt::format("<span class=\"wrong\">Of {} nothing is known.</span> ", first.size - ranks.size());
    }
    return text +
           (wrong == 0 ? "All ended with status 0."
                       : fmt::format("<span class=\"wrong\">{} did not end with status 0.</span>", wrong)) +
           "</p>\n";
}

/// What would end the element, in JSON's own way of writing it.
std::string json_for_html(const std::vector<RankRecord>& ranks) {
    std::string text;
    for (const char c : json_of(ranks)) {
        text += c == '<' ? std::string("\\u003c") : std::string(1, c);
    }
    return text;
}

}  // namespace

std::string page_of(const std::vector<RankRecord>& ranks) {
    if (ranks.empty()) {
        return {};
    }
    const auto& first = ranks.front();
    const auto title = escaped(first.image + " " + first.command);
    return "<!DOCTYPE html>\n<html lang=\"en\"><head><meta charset=\"utf-8\">"
           "<meta name=\"viewport\" content=\"width=device-width\">\n<title>" +
           title + "</title>\n<style>" + style + "</style></head>\n<body>\n<h1>" + title + "</h1>\n" +
           summary_of(ranks) + timelines(ranks) + "<h2>Ranks</h2>\n" + ranks_table(ranks) +
           "<h2>What was decided, and why</h2>\n" + decisions_by_node(ranks) + std::string(json_begins) +
           json_for_html(ranks) + std::string(json_ends) + "\n</body></html>\n";
}

Result<std::vector<RankRecord>> ranks_of_report(std::string_view text) {
    if (const auto at = text.find(json_begins); at != std::string_view::npos) {
        text.remove_prefix(at + json_begins.size());
        text = text.substr(0, text.find(json_ends));
    }
    return ranks_from(text);
}

}  // namespace mpi_podman
