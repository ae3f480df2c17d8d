#include "cli/config_page.hpp"

#include <algorithm>

#include "cli/option_table.hpp"
#include "cli/options.hpp"
#include "cli/settings.hpp"

namespace mpi_podman {
namespace {

std::string line(const std::string& words, const std::string& where) {
    constexpr std::size_t column = 40;
    const auto gap = words.size() < column ? column - words.size() : 1;
    return words + std::string(gap, ' ') + "# " + where + "\n";
}

std::string lines_of(const OptionRow& row, const std::vector<Setting>& settings) {
    std::string text;
    for (const auto& setting : settings) {
        if (setting.name == row.name) {
            const auto* left_out = is_switch(row) ? "yes" : row.left_out != nullptr ? row.left_out : "";
            text += line(setting.name + " = " + setting.value.value_or(left_out),
                         setting.where.empty() ? "command line" : setting.where);
        }
    }
    if (!text.empty()) {
        return text;
    }
    const auto value = default_of(row);
    return value.empty() ? line(std::string("# ") + row.name + " =", "not set")
                         : line(row.name + (" = " + value), "default");
}

/// Of the profiles only the names: what the chosen one says is above.
std::string sections_of(const Configured& configured) {
    std::string text;
    for (const auto& [name, settings] : configured.profiles) {
        text += line("# [profile " + name + "]", settings.empty() ? "nothing" : settings.front().where);
    }
    for (const auto& mpi : configured.mpis) {
        text += "\n[mpi " + mpi.name + "]\nprefix = " + mpi.prefix + "\n" +
                (mpi.is_default ? "default = yes\n" : "");
    }
    return text;
}

bool is_unknown(const std::string& variable) {
    const auto rows = option_rows();
    return variable.starts_with("MPI_PODMAN_") && std::ranges::none_of(rows, [&](const OptionRow& row) {
               return row.configurable && variable_of(row) == variable;
           });
}

}  // namespace

std::string config_page(const Configured& configured, const std::vector<std::string>& argv,
                        const std::vector<std::string>& variables) {
    const auto rising = in_rising_order(configured, typed_options(argv));
    const auto settings = effective(rising.value_or(std::vector<Setting>{}));
    std::string text;
    for (const auto& row : option_rows()) {
        text += row.configurable ? lines_of(row, settings) : "";
    }
    text += sections_of(configured);
    for (const auto& variable : variables) {
        text += is_unknown(variable) ? line("# " + variable, "no option has this variable") : "";
    }
    return text;
}

}  // namespace mpi_podman
