#include "check/table.hpp"

#include <algorithm>

#include "sys/printable.hpp"

namespace mpi_podman {

std::string text_of(const Table& given) {
    auto table = given;
    for (auto& row : table) {
        std::ranges::transform(row, row.begin(),
                               [](const std::string& cell) { return printable_line(cell); });
    }
    std::vector<std::size_t> widths;
    for (const auto& row : table) {
        widths.resize(std::max(widths.size(), row.size()));
        for (std::size_t i = 0; i < row.size(); ++i) {
            widths[i] = std::max(widths[i], row[i].size());
        }
    }
    std::string text;
    for (const auto& row : table) {
        std::string line;
        for (std::size_t i = 0; i < row.size(); ++i) {
            line += row[i] + std::string(widths[i] - row[i].size() + 2, ' ');
        }
        text += line.substr(0, line.find_last_not_of(' ') + 1) + "\n";
    }
    return text;
}

}  // namespace mpi_podman
