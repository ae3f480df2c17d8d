/// Linked into the mpi-podman of a sanitized test build: LeakSanitizer looks at a process by ptrace(2), which
/// cannot be where tests/analysis/fds does already, and would end it with a failure of its own. And it opens
/// files, and its process may never end where a limit keeps it from that (tests/chaos).

#include <fcntl.h>
#include <unistd.h>

#include <array>
#include <string_view>

namespace {

/// No memory may be allocated here.
bool may_open_files() {
    std::array<int, 8> files{};
    bool all = true;
    for (auto& file : files) {
        file = ::open("/", O_PATH | O_CLOEXEC);
        all = all && file >= 0;
    }
    for (const int file : files) {
        if (file >= 0) {
            ::close(file);
        }
    }
    return all;
}

bool is_traced() {
    std::array<char, 1024> bytes{};
    const int file = ::open("/proc/self/status", O_RDONLY | O_CLOEXEC);
    const auto size = ::read(file, bytes.data(), bytes.size());
    ::close(file);
    const std::string_view text(bytes.data(), size > 0 ? static_cast<std::size_t>(size) : 0);
    constexpr std::string_view field = "\nTracerPid:\t";
    const auto at = text.find(field);
    return at != std::string_view::npos && text.substr(at + field.size(), 2) != "0\n";
}

}  // namespace

// The sanitizer's own name.
// NOLINTNEXTLINE(bugprone-reserved-identifier,cert-dcl37-c,cert-dcl51-cpp,readability-identifier-naming)
extern "C" int __lsan_is_turned_off();
// NOLINTNEXTLINE(bugprone-reserved-identifier,cert-dcl37-c,cert-dcl51-cpp,readability-identifier-naming)
int __lsan_is_turned_off() { return is_traced() || !may_open_files() ? 1 : 0; }
