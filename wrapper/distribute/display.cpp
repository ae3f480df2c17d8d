#include "distribute/display.hpp"

#include <sys/ioctl.h>
#include <unistd.h>

#include <algorithm>
#include <chrono>

#include "distribute/page.hpp"
#include "sys/fd.hpp"
#include "sys/printable.hpp"

namespace mpi_podman {
namespace {

constexpr std::chrono::milliseconds between_drawings{100};

winsize size_of_terminal() {
    winsize size{};
    if (::ioctl(STDOUT_FILENO, TIOCGWINSZ, &size) != 0 || size.ws_col < 2 || size.ws_row < 2) {
        size.ws_col = 80;
        size.ws_row = 24;
    }
    return size;
}

}  // namespace

Display::Display() : is_terminal_(::isatty(STDOUT_FILENO) == 1) {}

Display::~Display() { erase(); }

void Display::erase() {
    if (drawn_ > 0) {
        write_all(STDOUT_FILENO, "\x1b[" + std::to_string(drawn_) + "A\r\x1b[J");
        drawn_ = 0;
    }
}

void Display::settle(const std::string& line) {
    erase();
    write_all(STDOUT_FILENO, printable(line));
    last_ = {};
}

void Display::draw(const std::vector<std::string>& lines) {
    const auto now = std::chrono::steady_clock::now();
    if (!is_terminal_ || now - last_ < between_drawings) {
        return;
    }
    const auto size = size_of_terminal();
    const auto block = printable(block_of(lines, size.ws_col - 1U, size.ws_row - 1U));
    erase();
    write_all(STDOUT_FILENO, block);
    drawn_ = static_cast<std::size_t>(std::ranges::count(block, '\n'));
    last_ = now;
}

}  // namespace mpi_podman
