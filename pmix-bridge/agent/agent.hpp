/// What the agent does for the ranks of its container, in one loop.
#pragma once

#include <poll.h>

#include <cstddef>
#include <cstdint>
#include <vector>

#include "sys/fd.hpp"

namespace mpi_podman {

class Agent {
public:
    /// Ranks connect to `socket`; `signals` is a signalfd.
    Agent(int socket, Fd signals);

    /// Serves until the last rank is gone.
    void serve();

private:
    /// A holder is a container-keeper, which keeps the container for the next job; all others are ranks.
    enum class Stage { connected, waiting, preparing, member, holder };

    struct Peer {
        Fd socket;
        Stage stage = Stage::connected;
        bool begins_with_others = false;
    };

    [[nodiscard]] std::vector<pollfd> interests() const;
    [[nodiscard]] int milliseconds_to_wait() const;
    [[nodiscard]] std::size_t members() const;
    /// Reaps every process whose parent is gone. True where somebody wants the container to end.
    bool ended_by_signal(const pollfd& event) const;
    void forget_those_gone();
    /// Ends the connection of somebody who has not said yet what it wants, as a wrapper does at once.
    bool make_room();
    /// All that are waiting, not one a turn: late ranks must not wait for early ones. But not for ever.
    void welcome_newcomers();
    void hear(Peer& peer);
    /// Whether ranks may begin. Where there are more than cores, one that has begun takes the core from the
    /// launcher, which still starts the others; so they begin together.
    [[nodiscard]] bool is_open() const;
    void tell_those_ready();
    /// The first rank describes the container; should it die over that, the next does.
    void find_somebody_to_prepare();
    /// Says so when the last rank has gone, once, and whenever the holder asks. False where the container
    /// must not be kept: something in it cannot be ended.
    bool tell_holder();

    const std::size_t places_;
    const int listening_;
    Fd signals_;
    Fd description_;
    std::vector<Peer> peers_;
    bool had_members_ = false;
    std::uint32_t awaited_ = 0,
                  come_ = 0;      ///< of this job: ranks that are to begin together, and that are here
    bool all_have_come_ = false;  ///< no more come
    bool asked_ = false;          ///< by the holder, and not answered yet
    bool was_busy_ = false;       ///< since the holder was last told
    bool is_full_ = false;        ///< nobody can be let in until somebody has gone
};

}  // namespace mpi_podman
