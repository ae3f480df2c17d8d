#include "run/terminal.hpp"

#include <unistd.h>

#include <csignal>

namespace mpi_podman {

TerminalSettings::TerminalSettings() {
    termios now{};
    if (::tcgetattr(STDIN_FILENO, &now) == 0) {
        before_ = now;
    }
}

TerminalSettings::~TerminalSettings() {
    if (before_) {
        static_cast<void>(::signal(SIGTTOU, SIG_IGN));  // from the background it would stop us (tcsetattr(3))
        ::tcsetattr(STDIN_FILENO, TCSADRAIN, &*before_);
    }
}

}  // namespace mpi_podman
