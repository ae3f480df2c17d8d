#include "run/podman_run.hpp"

#include <unistd.h>

#include <algorithm>
#include <array>

namespace mpi_podman {

Result<PodmanRun> PodmanRun::begin(const std::vector<std::string>& argv, Fd socket, const Fd& home) {
    auto words = make_pipe();
    if (!words) {
        return failure(words.error());
    }
    Spawn how{argv, -1, -1, words->write_end.get(), {socket.get()}, true};
    if (home) {
        how.pass.push_back(home.get());
    }
    return spawn(how).map([&](Child&& podman) {
        return PodmanRun(std::move(podman), std::move(words->read_end), std::move(socket));
    });
}

PodmanRun::PodmanRun(Child podman, Fd words, Fd socket)
    : podman_(std::move(podman)), words_(std::move(words)), socket_(std::move(socket)) {}

void PodmanRun::listen() {
    std::array<char, 4096> chunk{};
    const ssize_t got = ::read(words_.get(), chunk.data(), chunk.size());
    if (got <= 0) {
        words_.reset();
        return;
    }
    constexpr std::size_t most_kept = 65536;
    said_.append(chunk.data(), static_cast<std::size_t>(got));
    said_.erase(0, said_.size() - std::min(said_.size(), most_kept));
}

}  // namespace mpi_podman
