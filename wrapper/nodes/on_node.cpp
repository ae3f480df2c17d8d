#include "nodes/on_node.hpp"

#include "podman/render.hpp"

namespace mpi_podman {
namespace {

constexpr const char* connect_within = "ConnectTimeout=10";
/// As the first of several connections, by the user's configuration, it would take the others with it when it
/// is ended (ssh_config(5)).
constexpr const char* alone = "ControlMaster=no";

}  // namespace

bool is_this_node(const std::string& name, const std::string& hostname) {
    const auto host = name.substr(name.find('@') + 1);
    return host == "localhost" || host == hostname || host == hostname.substr(0, hostname.find('.'));
}

std::vector<std::string> command_on(const std::string& name, const std::vector<std::string>& words,
                                    const Here& here) {
    if (is_this_node(name, here.hostname)) {
        auto command = words;
        command.insert(command.begin(), here.program);
        return command;
    }
    std::string rest;
    for (const auto& word : words) {
        rest += " " + shell_quote(word);
    }
    const auto own = shell_quote(here.program);
    const auto move = here.directory.empty() ? "" : "cd " + shell_quote(here.directory) + " && ";
    // Through sh, whatever the user's shell is.
    const auto script =
        move + "{ test -x " + own + " && exec " + own + rest + "; exec mpi-podman" + rest + "; }";
    return {"ssh",
            "-o",
            "BatchMode=yes",
            "-o",
            connect_within,
            "-o",
            alone,
            "-T",
            "--",
            name,
            "exec sh -c " + shell_quote(script)};
}

}  // namespace mpi_podman
