#include "run/lingering_job.hpp"

#include <fcntl.h>
#include <poll.h>
#include <unistd.h>

#include <chrono>
#include <csignal>
#include <filesystem>
#include <thread>

#include "run/agent_socket.hpp"
#include "run/container_keeper.hpp"
#include "run/describe.hpp"
#include "run/pristine.hpp"
#include "sys/process.hpp"
#include "wire/frame.hpp"
#include "wire/local_socket.hpp"

namespace mpi_podman {
namespace {

using namespace std::chrono_literals;

/// Makes or replaces a symbolic link.
bool link_to(const std::string& target, const std::string& link) {
    ::unlink(link.c_str());
    return ::symlink(target.c_str(), link.c_str()) == 0;
}

/// Whether the container behind this connection of ours, which waited for a job, may be used.
bool is_of_today(int connection) {
    constexpr int patience = 5000;  // milliseconds; the agent answers at once or never
    pollfd answer{connection, POLLIN, 0};
    if (::poll(&answer, 1, patience) != 1) {
        return false;
    }
    const auto received = receive_frame(connection);
    const auto description =
        received.say == Say::ready ? read_sealed(received.fd) : Result<Description>(Description{});
    const auto conmon = std::to_string(description ? description->conmon : 0);
    return description && proc_status(received.peer_pid, "PPid") == conmon &&
           shows_the_host_of_today(*description, received.peer_pid);
}

/// One that waits, or does so in a moment: where jobs follow each other at once, the keeper is still looking
/// at what the last one left. Waiting for that takes less than a container's start.
std::string take_or_wait(const std::string& all, const std::string& key, const std::string& job) {
    constexpr std::chrono::milliseconds pause{5};
    constexpr std::chrono::milliseconds patience{500};
    auto path = take_lingering(all, key, job);
    for (auto waited = 0 * pause; path.empty() && waited < patience && is_one_inspected(all, key);
         waited += pause) {
        std::this_thread::sleep_for(pause);
        path = take_lingering(all, key, job);
    }
    return path;
}

}  // namespace

Fd take_one_of_today(const std::string& all, const std::string& key, const std::string& job,
                     const std::string& directory, const Frame& greeting) {
    for (auto path = take_or_wait(all, key, job); !path.empty(); path = take_or_wait(all, key, job)) {
        // Kept until there is another connection: to the agent, a job that has none has ended.
        const auto probe = connect_to_agent(path, agent_socket);
        if (probe && is_of_today(probe.get()) && link_to(path + "/" + agent_socket, directory + "/" + key)) {
            return connect_to_agent(directory, key, greeting);
        }
        signal_pidfd(keeper_process(path), SIGTERM);
    }
    return {};
}

Result<Fd> listen_in_place(const Lingering& place, const std::string& job, const Plan& plan,
                           const std::string& link) {
    const auto directory = place.of_job(job);
    sweep_lingering(place.all, plan.podman);
    const auto until_listening = post_container_keeper(place, job, plan);
    if (!until_listening) {
        return failure(until_listening.error());
    }
    if (!*until_listening) {
        remove_lingering(directory);
        return Fd{};
    }
    auto socket = listen_in(directory, agent_socket);
    if (!socket || !link_to(directory + "/" + agent_socket, link)) {
        return failure(no_socket_in(directory, errno_text()));
    }
    return socket;
}

Fd open_note_of_made(const std::string& link) {
    std::error_code why;
    const auto note = std::filesystem::read_symlink(link, why).parent_path() / made_places;
    return why ? Fd{}
               : Fd(::open(note.c_str(), O_WRONLY | O_APPEND | O_CREAT | O_NOFOLLOW | O_CLOEXEC, 0600));
}

}  // namespace mpi_podman
