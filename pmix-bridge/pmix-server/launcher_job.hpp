/// A job of a launcher that speaks PMI, as the ranks of one node are in it: with a connection each.
#pragma once

#include <functional>
#include <map>
#include <string>
#include <vector>

#include "pmi/client.hpp"
#include "pmi/mapping.hpp"
#include "sys/result.hpp"

namespace mpi_podman {

/// One exchange at a time: each node gives a piece, and gets all nodes' pieces.
class LauncherJob {
public:
    /// Takes a rank in over its own connection to the launcher. The first one tells what the job is.
    Result<void> add(std::uint32_t rank, std::uint32_t size, pmi::Client client);
    /// Ends a rank's part: with PMI's finalize where it said so to us, or never began; else the launcher sees
    /// its connection close, and does what it does with a rank that died. True where the barrier has let
    /// all others go, and there are some: the exchange has come to its end by that.
    bool remove(std::uint32_t rank, bool properly);

    [[nodiscard]] bool is_empty() const { return ranks_.empty(); }
    [[nodiscard]] const std::string& id() const { return kvsname_; }
    [[nodiscard]] std::uint32_t universe() const { return universe_; }
    [[nodiscard]] const pmi::Mapping& nodes() const { return nodes_; }
    [[nodiscard]] std::uint32_t own_node() const { return own_node_; }

    /// Begins an exchange: puts this node's piece and sends every rank of it to the launcher's barrier.
    Result<void> begin_exchange(const std::string& piece);
    /// What to poll for reading: the ranks that the barrier has not let go yet.
    [[nodiscard]] std::vector<int> waiting() const;
    /// Takes what came on one of them. True when it was the last.
    Result<bool> take(int fd);
    /// The pieces of all nodes, one after the other, once the barrier has let all go.
    Result<std::string> end_exchange();

    void abort(std::uint32_t rank, int status);

private:
    Result<void> learn(std::uint32_t rank, std::uint32_t size, pmi::Client& client);
    [[nodiscard]] std::string key_of(std::uint32_t node, std::size_t part) const;
    [[nodiscard]] std::size_t room_for_part() const;
    Result<std::string> piece_of(std::uint32_t node);

    std::map<std::uint32_t, pmi::Client> ranks_;
    std::map<int, std::uint32_t> waiting_;  ///< ranks by their connections, which the barrier has not let go
    std::string kvsname_, own_piece_;
    pmi::Mapping nodes_;
    std::uint32_t own_node_ = 0, universe_ = 1, exchange_ = 0;
    std::size_t longest_value_ = 0;
};

}  // namespace mpi_podman
