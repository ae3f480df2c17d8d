#include "wire/execute.hpp"

#include <fcntl.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <charconv>
#include <string_view>

namespace mpi_podman {
namespace {

/// 0 where it is none.
int number_in(std::string_view word) {
    int number = 0;
    std::from_chars(word.data(), word.data() + word.size(), number);
    return number;
}

}  // namespace

void tell(int channel, const News& news) { ::send(channel, &news, sizeof news, MSG_NOSIGNAL); }

void fail(int channel, Step step) {
    tell(channel, {false, errno, step});
    ::_exit(127);
}

Step execute(std::span<const char* const> programs, char* const* argv, char* const* environment) {
    int why = ENOENT;
    for (const char* program : programs) {
        ::execve(program, argv, environment);
        if (errno == ENOENT && ::access(program, F_OK) == 0) {
            return Step::interpreter;  // it is there: what is not is what runs it (execve(2))
        }
        if (errno != ENOENT && errno != ENOTDIR) {
            why = errno;
        }
        if (why != ENOENT && why != EACCES) {
            break;
        }
    }
    errno = why;
    return Step::exec;
}

void become_rank(std::span<char*> words) {
    ::prctl(PR_SET_DUMPABLE, 0);  // until it is the rank
    const int channel = number_in(words[0]);
    const auto programs = static_cast<std::size_t>(std::max(number_in(words[1]), 0));
    words = words.subspan(2);
    ::fcntl(channel, F_SETFD, FD_CLOEXEC);
    if (programs >= words.size()) {
        errno = EINVAL;
        fail(channel, Step::exec);
    }
    fail(channel, execute({words.data(), programs}, words.data() + programs, environ));
}

}  // namespace mpi_podman
