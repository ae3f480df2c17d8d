#include "check/nodes_page.hpp"

#include <algorithm>
#include <map>
#include <nlohmann/json.hpp>

#include "check/table.hpp"
#include "podman/render.hpp"
#include "sys/printable.hpp"
#include "sys/text.hpp"

namespace mpi_podman {
namespace {

std::string id_of(const NodeFacts& facts) { return facts.image_id.substr(0, 12); }

std::string ids_of(const NodeFacts& facts) {
    return std::to_string(facts.subuids) + " and " + std::to_string(facts.subgids);
}

std::string mpis_of(const NodeFacts& facts) {
    return facts.host_mpis.empty() ? "none" : joined(facts.host_mpis);
}

std::string space_of(const NodeFacts& facts) {
    constexpr std::uint64_t mebibyte = std::uint64_t{1} << 20U;
    return facts.session_directory + ", " + std::to_string(facts.session_space / mebibyte) + " MiB";
}

std::string best_of(const NodeFacts& facts) { return facts.strategy.empty() ? "nothing" : facts.strategy; }

/// A column of the table, in whose cells nodes of one job are mostly alike.
struct Column {
    std::string_view title;
    std::string (*cell)(const NodeFacts&);
    bool compared;
};
const std::vector<Column>& columns() {
    static const std::vector<Column> all{
        {"mpi-podman", [](const NodeFacts& facts) { return facts.version; }, true},
        {"podman", [](const NodeFacts& facts) { return facts.podman.empty() ? "none" : facts.podman; }, true},
        {"subuids and subgids", ids_of, true},
        {"image", [](const NodeFacts& facts) { return facts.image_id.empty() ? "none" : id_of(facts); },
         true},
        {"MPI of the host", mpis_of, true},
        {"session directory", space_of, false},
        {"runs with", best_of, true}};
    return all;
}

bool answered(const NodeFacts& facts) { return !facts.version.empty(); }

/// More than half of them; empty where no value has that.
std::string majority(const std::vector<std::string>& values) {
    std::map<std::string, std::size_t> counts;
    for (const auto& value : values) {
        if (++counts[value] * 2 > values.size()) {
            return value;
        }
    }
    return {};
}

std::vector<std::string> row_of(const NodeFacts& facts, const std::vector<Odd>& odd) {
    std::vector<std::string> row{facts.node};
    for (const auto& column : columns()) {
        const bool is_odd = std::ranges::any_of(odd, [&](const Odd& one) {
            return one.node == facts.node && one.what == column.title && !one.most.empty();
        });
        row.push_back(answered(facts) ? column.cell(facts) + (is_odd ? " <" : "") : "?");
    }
    return row;
}

std::string in_words(const Odd& odd) {
    return odd.node + ": " + odd.what + ": " + odd.has +
           (odd.most.empty() ? ", and no value is most nodes'" : ", where most have " + odd.most);
}

bool can(const NodeFacts& facts) { return answered(facts) && facts.problems.empty(); }

}  // namespace

std::vector<Odd> odd_ones(const std::vector<NodeFacts>& nodes) {
    std::vector<Odd> odd;
    for (const auto& column : columns()) {
        std::vector<std::string> values;
        for (const auto& facts : nodes) {
            if (answered(facts)) {
                values.push_back(column.cell(facts));
            }
        }
        const auto most = majority(values);
        for (const auto& facts : nodes) {
            if (column.compared && answered(facts) && column.cell(facts) != most) {
                odd.push_back({facts.node, std::string(column.title), column.cell(facts), most});
            }
        }
    }
    return odd;
}

bool all_can(const std::vector<NodeFacts>& nodes) { return std::ranges::all_of(nodes, can); }

std::vector<std::string> command_line_over(const std::vector<NodeFacts>& nodes, const std::string& hostfile) {
    const auto first =
        std::ranges::find_if(nodes, [](const auto& facts) { return !facts.command_line.empty(); });
    if (first == nodes.end() || !all_can(nodes)) {
        return {};
    }
    auto line = first->command_line;
    const auto name = line.front().substr(line.front().rfind('/') + 1);
    const auto words = std::ranges::find(line, "mpi-podman");
    const bool typed =
        std::find_if(line.begin(), words, [](const std::string& word) {
            return word.starts_with("--hostfile") || word.starts_with("--machinefile") || word == "-f";
        }) != words;
    if (name == "srun" || name == "mpi-podman" || typed) {
        return line;
    }
    line.insert(line.begin() + 1, {name == "mpiexec.hydra" ? "-f" : "--hostfile", hostfile});
    return line;
}

std::string page_of(const std::vector<NodeFacts>& nodes, const std::string& hostfile) {
    const auto odd = odd_ones(nodes);
    Table table{{"node"}};
    for (const auto& column : columns()) {
        table.front().emplace_back(column.title);
    }
    for (const auto& facts : nodes) {
        table.push_back(row_of(facts, odd));
    }
    auto text = text_of(table);
    std::string notes;
    for (const auto& facts : nodes) {
        for (const auto& problem : facts.problems) {
            notes += printable_line(facts.node + ": cannot: " + problem) + "\n";
        }
    }
    for (const auto& one : odd) {
        notes += printable_line(in_words(one)) + "\n";
    }
    text += notes.empty() ? "" : "\n" + notes;
    const auto good = static_cast<std::size_t>(std::ranges::count_if(nodes, can));
    text += "\n" + std::to_string(good) + " of " + std::to_string(nodes.size()) + " nodes can run it\n";
    std::string line;
    for (const auto& word : command_line_over(nodes, hostfile)) {
        line += " " + shell_quote(word);
    }
    return text + (line.empty() ? "" : "$" + line + "\n");
}

std::string json_of(const std::vector<NodeFacts>& nodes, const std::string& hostfile) {
    using nlohmann::ordered_json;
    constexpr int format = 1;
    auto list = ordered_json::array();
    for (const auto& facts : nodes) {
        list.push_back(ordered_json::parse(line_of(facts)));
        list.back()["can"] = can(facts);
    }
    auto odd = ordered_json::array();
    for (const auto& one : odd_ones(nodes)) {
        odd.push_back({{"node", one.node}, {"what", one.what}, {"has", one.has}, {"most_have", one.most}});
    }
    const ordered_json all{{"format", format},
                           {"nodes", list},
                           {"odd", odd},
                           {"all_can", all_can(nodes)},
                           {"command_line", command_line_over(nodes, hostfile)}};
    return all.dump(2, ' ', false, ordered_json::error_handler_t::replace) + "\n";
}

}  // namespace mpi_podman
