#include "check/command_line.hpp"

#include <algorithm>
#include <array>

namespace mpi_podman {
namespace {

/// Those that only say what to check.
constexpr std::array<std::string_view, 4> of_the_check{"check", "launcher", "hostfile", "mpi"};
/// Those that concern the host's MPI alone.
constexpr std::array<std::string_view, 2> of_host_mpi{"mpi-prefix", "abi"};

bool is_among(const auto& names, const Setting& option) {
    return std::ranges::find(names, option.name) != names.end();
}

}  // namespace

std::string word_for_host_mpi(const std::vector<Setting>& typed) {
    std::string word = "--mpi=host";
    for (const auto& option : typed) {
        if (option.name == "mpi" && option.value && option.value->starts_with("host")) {
            word = word_of(option);
        }
    }
    return word;
}

std::vector<std::string> command_line(const HostLauncher& launcher, const std::vector<std::string>& words,
                                      const std::vector<Setting>& typed, const Options& options) {
    auto line = launcher.command;
    line.emplace_back("mpi-podman");
    line.insert(line.end(), words.begin(), words.end());
    const auto begins = [&](std::string_view beginning) {
        return std::ranges::any_of(words, [&](const auto& word) { return word.starts_with(beginning); });
    };
    const bool with_hosts = begins("--mpi=");
    for (const auto& option : typed) {
        const bool left_out = is_among(of_the_check, option) || begins("--" + option.name + "=") ||
                              (is_among(of_host_mpi, option) && !with_hosts);
        if (!left_out) {
            line.push_back(word_of(option));
        }
    }
    if (options.image.starts_with('-')) {
        line.emplace_back("--");
    }
    line.push_back(options.image);
    line.insert(line.end(), options.command.begin(), options.command.end());
    return line;
}

}  // namespace mpi_podman
