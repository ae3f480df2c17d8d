/// The `podman run` of a node container, while it starts one.
#pragma once

#include <string>
#include <vector>

#include "sys/fd.hpp"
#include "sys/process.hpp"
#include "sys/result.hpp"

namespace mpi_podman {

class PodmanRun {
public:
    /// Starts it. `socket` is the agent's: other ranks wait at our copy of it for as long as this object
    /// lives. `home` is a place in the container that the new one is to live in, or no fd.
    static Result<PodmanRun> begin(const std::vector<std::string>& argv, Fd socket, const Fd& home);

    /// Becomes readable when it has ended.
    [[nodiscard]] int pidfd() const { return podman_.pidfd(); }
    /// Its stderr; -1 once nobody can write there.
    [[nodiscard]] int words() const { return words_.get(); }
    /// Takes what is there. A podman that says much would wait for ever where nobody reads it.
    void listen();
    /// Waits for its end.
    Ending wait() { return podman_.wait(); }
    /// What it has said, after its end; the last of it where that was much: there its error is.
    [[nodiscard]] std::string said() const { return said_ + read_available(words_); }

private:
    PodmanRun(Child podman, Fd words, Fd socket);

    Child podman_;
    Fd words_, socket_;
    std::string said_;
};

}  // namespace mpi_podman
