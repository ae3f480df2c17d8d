#include "distribute/hops.hpp"

#include <algorithm>
#include <utility>

namespace mpi_podman {
namespace {

using Stage = Receiver::Stage;

std::size_t busy(const std::vector<Hop>& hops, std::optional<std::size_t> sender) {
    return static_cast<std::size_t>(std::ranges::count(hops, sender, &Hop::from));
}

bool holds(const Receiver& sender, const Receiver& receiver) {
    return std::ranges::all_of(receiver.needs, [&](const auto& layer) {
        return std::ranges::find(sender.needs, layer) != sender.needs.end();
    });
}

/// The sender for one node; nothing where all that could send are busy.
std::optional<Hop> hop_to(std::size_t to, const std::vector<Receiver>& receivers,
                          const std::vector<Hop>& hops) {
    std::optional<Hop> best;
    std::size_t least = tree_width;
    const auto consider = [&](std::optional<std::size_t> from) {
        if (const auto sends = busy(hops, from); sends < least) {
            best = Hop{to, from};
            least = sends;
        }
    };
    for (std::size_t i = 0; i < receivers.size() && !receivers[to].from_origin; ++i) {
        const auto& sender = receivers[i];
        if ((sender.stage == Stage::loading || sender.stage == Stage::done) && sender.sends &&
            !sender.shares && holds(sender, receivers[to])) {
            consider(i);
        }
    }
    if (!best) {
        consider(std::nullopt);
    }
    return best;
}

/// Another that has the same store is sent to in its place.
void hand_over(std::size_t failed, std::vector<Receiver>& receivers) {
    std::optional<std::size_t> heir;
    for (std::size_t i = 0; i < receivers.size(); ++i) {
        if (receivers[i].shares == failed) {
            receivers[i].shares = heir;
            heir = heir ? heir : std::optional(i);
        }
    }
}

void apply_failure(const Progress& progress, const Hop& hop, const std::vector<std::string>& all_layers,
                   std::vector<Receiver>& receivers) {
    using What = Progress::What;
    constexpr unsigned most_attempts = 3;
    auto& receiver = receivers[hop.to];
    receiver.moved += std::exchange(receiver.now, 0);
    ++receiver.attempts;
    const bool refused = progress.what == What::refused;
    const bool hopeless =
        refused ? receiver.needs == all_layers : progress.what == What::unreachable && !hop.from;
    if (hop.from && !refused) {
        receivers[*hop.from].sends = false;
    }
    if (hopeless || receiver.attempts == most_attempts) {
        receiver.stage = Stage::failed;
        receiver.words = progress.words;
        return hand_over(hop.to, receivers);
    }
    receiver.stage = Stage::waiting;
    receiver.from_origin = true;
    if (refused) {
        receiver.needs = all_layers;
    }
}

}  // namespace

void apply(const Progress& progress, const Hop& hop, const std::vector<std::string>& all_layers,
           std::vector<Receiver>& receivers) {
    using What = Progress::What;
    auto& receiver = receivers[hop.to];
    switch (progress.what) {
        case What::alive: break;
        case What::wants:
            receiver.of = progress.bytes;
            receiver.layers = std::max(receiver.layers, progress.layers);
            break;
        case What::at: receiver.now = progress.bytes; break;
        case What::whole: receiver.stage = Stage::loading; break;
        case What::done:
            for (std::size_t i = 0; i < receivers.size(); ++i) {
                if (i == hop.to || receivers[i].shares == hop.to) {
                    receivers[i].stage = Stage::done;
                }
            }
            break;
        case What::broken:
        case What::refused:
        case What::unreachable: apply_failure(progress, hop, all_layers, receivers); break;
    }
}

std::vector<Receiver> receivers_of(const std::vector<StoreFacts>& nodes) {
    std::vector<Receiver> receivers;
    for (const auto& facts : nodes) {
        if (!facts.problem.empty() || facts.has_image) {
            continue;
        }
        Receiver receiver;
        receiver.facts = facts;
        receiver.needs = facts.missing;
        const auto same = std::ranges::find_if(
            receivers, [&](const auto& other) { return other.facts.store == facts.store; });
        if (same != receivers.end()) {
            receiver.shares = static_cast<std::size_t>(same - receivers.begin());
        }
        receivers.push_back(std::move(receiver));
    }
    return receivers;
}

std::vector<Hop> next_hops(const std::vector<Receiver>& receivers, const std::vector<Hop>& under_way) {
    auto hops = under_way;
    for (std::size_t to = 0; to < receivers.size() && hops.size() < most_hops; ++to) {
        if (receivers[to].stage != Stage::waiting || receivers[to].shares) {
            continue;
        }
        if (const auto hop = hop_to(to, receivers, hops)) {
            hops.push_back(*hop);
        }
    }
    return {hops.begin() + static_cast<std::ptrdiff_t>(under_way.size()), hops.end()};
}

}  // namespace mpi_podman
