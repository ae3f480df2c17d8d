/// The terminal as it was before the rank.
#pragma once

#include <termios.h>

#include <optional>

namespace mpi_podman {

/// Keeps the settings of the terminal that stdin is, if it is one, and sets them again in the end: a rank
/// that died with echo off leaves no dead terminal, as with podman run --tty.
class TerminalSettings {
public:
    TerminalSettings();
    TerminalSettings(const TerminalSettings&) = delete;
    TerminalSettings& operator=(const TerminalSettings&) = delete;
    ~TerminalSettings();

private:
    std::optional<termios> before_;
};

}  // namespace mpi_podman
