/// One rank's connection to a launcher that speaks PMI-1: Hydra, and Slurm's mpi/pmi2, which knows both.
#pragma once

#include <chrono>
#include <cstdint>
#include <optional>
#include <string>

#include "pmi/message.hpp"
#include "sys/fd.hpp"
#include "sys/result.hpp"

namespace mpi_podman::pmi {

/// How long a launcher may take to let a client in, to take a request, or to answer one. It is a process of
/// this node that answers within microseconds, or asks the launcher's own first (Hydra's proxy, for what it
/// has not been told yet): one that takes a minute is stopped, or hangs.
inline constexpr std::chrono::milliseconds usual_patience = std::chrono::seconds(60);

/// Requests are answered by a process of this node, and waited for no longer than a bound; the barrier alone
/// waits for other ranks, so it is two calls.
class Client {
public:
    /// Takes over a connected socket (PMI_FD).
    explicit Client(Fd socket, std::chrono::milliseconds patience = usual_patience)
        : socket_(std::move(socket)), patience_(patience) {}
    /// Connects to host:port (PMI_PORT) as the process the launcher calls `id` (PMI_ID). A name is looked up
    /// before that, within the bounds of resolv.conf(5).
    static Result<Client> connect(const std::string& port, const std::string& id,
                                  std::chrono::milliseconds patience = usual_patience);

    /// Says that the rank has come.
    Result<void> init();
    /// The name of the job's key-value space: no other job of the launcher has it.
    Result<std::string> kvsname();
    /// The longest value the launcher takes, in bytes.
    Result<std::size_t> longest_value();
    /// Of the whole universe, for MPI_Comm_spawn; where the launcher does not know, the number of ranks.
    std::uint32_t universe_size(std::uint32_t ranks);
    Result<void> put(const std::string& kvsname, const std::string& key, const std::string& value);
    Result<std::string> get(const std::string& kvsname, const std::string& key);
    Result<void> enter_barrier();
    /// To be called when the socket is readable after that.
    Result<void> leave_barrier();
    Result<void> finalize();
    /// Asks the launcher to end the job; it answers by doing so.
    void abort(int status);

    [[nodiscard]] int fd() const { return socket_.get(); }
    /// The number of ranks, where the launcher told it at once (PMI_PORT).
    [[nodiscard]] std::optional<std::uint32_t> told_size() const { return told_size_; }

private:
    Result<Message> ask(const Message& request, std::string_view answer);
    Result<Message> receive(std::string_view answer);
    Result<void> send(const Message& request);

    Fd socket_;
    std::chrono::milliseconds patience_;
    std::optional<std::uint32_t> told_size_;
    Reader reader_;
};

}  // namespace mpi_podman::pmi
