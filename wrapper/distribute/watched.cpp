#include "distribute/watched.hpp"

#include <poll.h>

#include <array>

#include "nodes/mortal.hpp"

namespace mpi_podman {
namespace {

using namespace std::chrono_literals;
using Clock = std::chrono::steady_clock;

constexpr auto most = 1h;
constexpr int watch_milliseconds = 500;

}  // namespace

Result<Answer> run_watched(const std::vector<std::string>& argv, const std::function<void()>& alive) {
    auto heard = spawn_heard(argv, Stdin::ours);
    if (!heard) {
        return failure(heard.error());
    }
    auto& [child, in, out, err] = *heard;
    Answer answer;
    const auto until = Clock::now() + most;
    for (bool ended = false; !ended;) {
        std::array<pollfd, 3> events{
            pollfd{child.pidfd(), POLLIN, 0}, {out.get(), POLLIN, 0}, {err.get(), POLLIN, 0}};
        ::poll(events.data(), events.size(), watch_milliseconds);
        ended = events[0].revents != 0;
        answer.out += read_available(out);
        answer.err += read_available(err);
        if (!ended && Clock::now() > until) {
            return failure(Status::ours, argv.front() + " did not end within an hour", "try it by hand");
        }
        alive();
    }
    const auto ending = child.wait();
    answer.status = ending.signal != 0 ? 128 + ending.signal : ending.status;
    return answer;
}

}  // namespace mpi_podman
