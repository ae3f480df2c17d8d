/// Linked into the mpi-podman of a sanitized test build: LeakSanitizer looks at a process by ptrace(2), which
/// cannot be where tests/analysis/fds does already, and would end it with a failure of its own.

#include <fcntl.h>
#include <unistd.h>

#include <array>
#include <string_view>

// The sanitizer's own name.
// NOLINTNEXTLINE(bugprone-reserved-identifier,cert-dcl37-c,cert-dcl51-cpp,readability-identifier-naming)
extern "C" int __lsan_is_turned_off();
// NOLINTNEXTLINE(bugprone-reserved-identifier,cert-dcl37-c,cert-dcl51-cpp,readability-identifier-naming)
int __lsan_is_turned_off() {
    std::array<char, 1024> bytes{};
    const int file = ::open("/proc/self/status", O_RDONLY | O_CLOEXEC);
    const auto size = ::read(file, bytes.data(), bytes.size());
    ::close(file);
    const std::string_view text(bytes.data(), size > 0 ? static_cast<std::size_t>(size) : 0);
    constexpr std::string_view field = "\nTracerPid:\t";
    const auto at = text.find(field);
    return at != std::string_view::npos && text.substr(at + field.size(), 2) != "0\n" ? 1 : 0;
}
