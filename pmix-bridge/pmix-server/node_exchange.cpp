// What the ranks of all nodes give each other: fences of libpmix's, by way of the launcher.

#include <algorithm>

#include "pmix-server/node_server.hpp"

namespace mpi_podman {

/// One at a time, in the order they were asked for, which is the same on all nodes.
Result<void> NodeServer::begin_exchange() {
    while (!exchanging_ && !waiting_.empty()) {
        auto fence = std::move(waiting_.front());
        waiting_.pop_front();
        if (is_of_all(fence)) {
            if (job_.is_empty()) {
                continue;  // all have died meanwhile, and nobody waits for it
            }
            auto begun = job_.begin_exchange(fence.text);
            exchanging_ = std::move(fence);
            return begun;
        }
        // Among ranks of this node libpmix has all; among some of several nodes PMI has no barrier.
        const bool here = std::all_of(fence.ranks.begin(), fence.ranks.end(), [&](std::uint32_t rank) {
            return rank < job_.nodes().size() && job_.nodes()[rank] == job_.own_node();
        });
        answer(fence, here ? PMIX_SUCCESS : PMIX_ERR_NOT_SUPPORTED, fence.text);
    }
    return {};
}

bool NodeServer::is_of_all(const Question& fence) const {
    return fence.ranks.empty() || fence.ranks.size() == job_.nodes().size();
}

Result<void> NodeServer::go_on_exchanging(int fd) {
    return job_.take(fd).and_then([&](bool last) { return last ? end_exchange() : Result<void>(); });
}

/// The barrier has let all ranks of this node go.
Result<void> NodeServer::end_exchange() {
    auto all = job_.end_exchange();
    if (!all) {
        return failure(all.error());
    }
    have_met_ = true;
    answer(*exchanging_, PMIX_SUCCESS, std::move(*all));
    exchanging_.reset();
    return begin_exchange();
}

}  // namespace mpi_podman
