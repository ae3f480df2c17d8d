#include "cli/config_file.hpp"

#include <boost/program_options.hpp>
#include <sstream>

namespace mpi_podman {
namespace {

namespace po = boost::program_options;

std::string without_indent(const std::string& line) {
    const auto begin = line.find_first_not_of(" \t\r");
    return begin == std::string::npos ? "" : line.substr(begin);
}

}  // namespace

tl::unexpected<Error> wrong_at(const std::string& where, const std::string& what) {
    return failure(Status::ours, where + ": " + what, "correct the file on this node");
}

/// Boost tells no line numbers, so it gets each line with the section that is above it; and nothing of a
/// section without a key, so it gets one.
Result<std::vector<ConfigLine>> config_lines(const std::string& text, const std::string& file) {
    std::vector<ConfigLine> found;
    const std::string begin = "begin";
    std::istringstream lines(text);
    std::string section;
    std::string line;
    for (std::size_t number = 1; std::getline(lines, line); ++number) {
        const auto where = file + ":" + std::to_string(number);
        const bool begins_section = without_indent(line).starts_with('[');
        std::istringstream one(begins_section ? line + "\n" + begin + " =" : section + "\n" + line);
        try {
            for (const auto& option : po::parse_config_file(one, po::options_description(), true).options) {
                const auto dot = option.string_key.rfind('.');
                const auto key = option.string_key.substr(dot == std::string::npos ? 0 : dot + 1);
                found.push_back({dot == std::string::npos ? "" : option.string_key.substr(0, dot),
                                 begins_section ? "" : key, option.value.empty() ? "" : option.value.front(),
                                 where});
            }
        } catch (const po::error&) {
            return wrong_at(where, "'" + without_indent(line) + "' is neither [SECTION] nor OPTION = VALUE");
        }
        section = begins_section ? line : section;
    }
    return found;
}

}  // namespace mpi_podman
