#include "inspect/command.hpp"

#include <fcntl.h>
#include <poll.h>
#include <sys/prctl.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <csignal>

#include "sys/process.hpp"

namespace mpi_podman {
namespace {

using Clock = std::chrono::steady_clock;

int milliseconds_until(Clock::time_point moment) {
    const auto left = std::chrono::ceil<std::chrono::milliseconds>(moment - Clock::now());
    return static_cast<int>(std::max(left, std::chrono::milliseconds(0)).count());
}

/// Keeps what is there. Closes `fd` at its end.
void read_some(Fd& fd, std::string& into) {
    std::array<char, 65536> chunk{};
    const ssize_t got = ::read(fd.get(), chunk.data(), chunk.size());
    if (got > 0) {
        into.append(chunk.data(), static_cast<std::size_t>(got));
    } else if (got == 0 || (errno != EINTR && errno != EAGAIN)) {
        fd.reset();
    }
}

/// False where it is not all said by then: both closed, by whatever holds them.
bool read_both(Fd& out, Fd& err, Answer& answer, Clock::time_point until) {
    while (out || err) {
        std::array<pollfd, 2> events{{{out.get(), POLLIN, 0}, {err.get(), POLLIN, 0}}};
        const int left = milliseconds_until(until);
        if (left == 0) {
            return false;
        }
        ::poll(events.data(), events.size(), left);
        if (events[0].revents != 0) {
            read_some(out, answer.out);
        }
        if (events[1].revents != 0) {
            read_some(err, answer.err);
        }
    }
    return true;
}

/// Nobody waits for the answer of a wrapper that died.
void end_with_parent() { ::prctl(PR_SET_PDEATHSIG, SIGTERM); }

Error not_started(const std::string& name, const Error& why) {
    constexpr const char* install = "install podman 4.3 or newer, or give --podman PATH";
    if (why.status == Status::ours) {
        return why;  // a limit, which has advice of its own
    }
    const bool missing = why.status == Status::not_found && name.find('/') == std::string::npos;
    return {Status::ours, missing ? name + " was not found in PATH" : "cannot run " + why.message, install};
}

Result<Answer> answer_of(Child& child, Answer answer) {
    const auto ending = child.wait();
    answer.status = ending.signal != 0 ? 128 + ending.signal : ending.status;
    if (const auto without = lacks_threads(answer.err); without && answer.status != 0) {
        return failure(*without);
    }
    return answer;
}

}  // namespace

Result<Answer> ask(const std::vector<std::string>& argv, std::chrono::seconds limit) {
    const auto& name = argv.front();
    auto out = make_pipe();
    auto err = out ? make_pipe() : failure(out.error());
    if (!err) {
        return failure(err.error());
    }
    Spawn how{argv, -1, out->write_end.get(), err->write_end.get()};
    how.before_exec = end_with_parent;
    auto child = spawn(how);
    if (!child) {
        return failure(not_started(name, child.error()));
    }
    out->write_end.reset();
    err->write_end.reset();
    const auto until = Clock::now() + limit;
    Answer answer;
    const bool said = read_both(out->read_end, err->read_end, answer, until);
    const Fd process = pidfd_of(child->pid());
    if (!said || !ended_within(process, std::chrono::milliseconds(milliseconds_until(until)))) {
        return failure(
            Status::ours, name + " gave no answer within " + std::to_string(limit.count()) + " s",
            "run it by hand to see why it hangs: " + name + " " + (argv.size() > 1 ? argv[1] : ""));
    }
    return answer_of(*child, std::move(answer));
}

std::optional<Error> lacks_threads(std::string_view said) {
    // runtime/cgo's words, and those of Go's runtime itself.
    for (const std::string_view words : {"pthread_create failed", "failed to create new OS thread"}) {
        if (said.find(words) != std::string_view::npos) {
            return Error{Status::ours, "podman cannot start its threads: the limit of processes is reached",
                         "raise it: ulimit -u; where it is high, podman's user namespace was made under a "
                         "lower one: end the process that its pause.pid names"};
        }
    }
    return std::nullopt;
}

std::string last_line(std::string_view said) {
    said = said.substr(0, said.find_last_not_of('\n') + 1);
    return std::string(said.substr(said.rfind('\n') + 1));
}

}  // namespace mpi_podman
