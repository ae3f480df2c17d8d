/// What the kernel starts for a script: execve(2), "Interpreter scripts". Of the ABI room alone.
#pragma once

#include <optional>
#include <string>
#include <string_view>

#include "abi/root_facts.hpp"

namespace mpi_podman {

/// A command as execvp(3) finds it: a path that exists; nothing where there is none.
std::optional<std::string> find_command(const Rootfs& root, const Places& places, const std::string& command);

struct ScriptLine {
    std::string interpreter;
    std::string command;  ///< what env(1) as the interpreter is to find; else empty
    bool operator==(const ScriptLine&) const = default;
};

/// The first line of a script; nothing where these are no script's first bytes.
std::optional<ScriptLine> script_line(std::string_view head);

}  // namespace mpi_podman
