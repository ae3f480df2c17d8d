#include "abi/script.hpp"

#include <algorithm>
#include <vector>

namespace mpi_podman {
namespace {

constexpr std::string_view blanks = " \t";

std::vector<std::string_view> words_of(std::string_view line) {
    std::vector<std::string_view> words;
    for (auto at = line.find_first_not_of(blanks); at != std::string_view::npos;
         at = line.find_first_not_of(blanks, at)) {
        const auto end = std::min(line.find_first_of(blanks, at), line.size());
        words.push_back(line.substr(at, end - at));
        at = end;
    }
    return words;
}

}  // namespace

std::optional<std::string> find_command(const Rootfs& root, const Places& places,
                                        const std::string& command) {
    const auto below = [&](const std::string& path) {
        return path.starts_with('/')    ? path
               : path.starts_with("./") ? places.cwd + path.substr(1)
                                        : places.cwd + "/" + path;
    };
    if (command.find('/') != std::string::npos) {
        const auto path = below(command);
        return root.resolve(path) ? std::optional(path) : std::nullopt;
    }
    std::optional<std::string> second_best;  // execvp(3) goes on behind what it may not execute
    for (const auto& directory :
         command.empty() ? std::vector<std::string>{} : parts_of_path(places.path, ".")) {
        const auto path = below(directory) + "/" + command;
        if (root.is_program(path)) {
            return path;
        }
        if (!second_best && root.resolve(path) && !root.is_directory(path)) {
            second_best = path;
        }
    }
    return second_best;
}

std::optional<ScriptLine> script_line(std::string_view head) {
    if (!head.starts_with("#!")) {
        return std::nullopt;
    }
    const auto line = head.substr(2, head.find('\n') - 2);
    const auto words = words_of(line);
    if (words.empty()) {
        return std::nullopt;
    }
    ScriptLine script{std::string(words.front()), {}};
    const auto name = words.front().substr(words.front().rfind('/') + 1);
    for (std::size_t i = 1; name == "env" && i < words.size() && script.command.empty(); ++i) {
        const bool is_option = words[i].starts_with('-') || words[i].find('=') != std::string_view::npos;
        script.command = is_option ? std::string_view{} : words[i];
    }
    return script;
}

}  // namespace mpi_podman
