/// The hops of a distribution, each a process of its own: mpi-podman --distribute=send, here or, by ssh, on a
/// node that has the image.
#pragma once

#include <string>
#include <vector>

#include "distribute/display.hpp"
#include "distribute/hops.hpp"
#include "distribute/words.hpp"

namespace mpi_podman {

struct Origin {
    Common common;
    Here here;
    std::string graphroot;
};

/// Runs hops until every receiver is done or has failed. One that says nothing for a minute is ended.
void transfer_to_all(std::vector<Receiver>& receivers, const Origin& origin, Display& display);

/// Who sends to a receiver, or has the store that it shares: another of them, or this node.
std::string sender_of(const Receiver& receiver, const std::vector<Receiver>& receivers, const Origin& origin);

}  // namespace mpi_podman
