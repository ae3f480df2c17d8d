#include "pmix-server/launcher_job.hpp"

#include <algorithm>
#include <charconv>
#include <set>

#include "pmi/base64.hpp"

namespace mpi_podman {
namespace {

/// In front of a piece's first part: how many parts there are.
constexpr char end_of_count = '.';

}  // namespace

Result<void> LauncherJob::add(std::uint32_t rank, std::uint32_t size, pmi::Client client) {
    constexpr std::uint32_t most_ranks = 1U << 24U;
    if (size == 0) {
        return failure(Status::ours, "the launcher does not tell how many ranks there are (PMI_SIZE)",
                       "report it, with the launcher's version");
    }
    if (rank >= size || size > most_ranks || ranks_.contains(rank)) {
        return failure(Status::ours,
                       "rank " + std::to_string(rank) + " of " + std::to_string(size) +
                           " came twice, or is none of the job",
                       "start mpi-podman once for each rank, from the launcher");
    }
    auto added = client.init();
    if (added && kvsname_.empty()) {
        added = learn(rank, size, client);
    }
    if (added) {
        ranks_.emplace(rank, std::move(client));
    }
    return added;
}

Result<void> LauncherJob::learn(std::uint32_t rank, std::uint32_t size, pmi::Client& client) {
    auto kvsname = client.kvsname();
    auto longest = client.longest_value();
    auto mapping =
        kvsname.and_then([&](const std::string& name) { return client.get(name, "PMI_process_mapping"); })
            .and_then([&](const std::string& text) { return pmi::decode_mapping(text, size); });
    if (!mapping || !longest) {
        return failure(mapping ? longest.error() : mapping.error());
    }
    kvsname_ = std::move(*kvsname);
    longest_value_ = *longest;
    nodes_ = std::move(*mapping);
    own_node_ = nodes_.at(rank);
    universe_ = client.universe_size(size);
    return {};
}

bool LauncherJob::remove(std::uint32_t rank, bool properly) {
    const auto found = ranks_.find(rank);
    if (found == ranks_.end()) {
        return false;
    }
    if (properly) {
        static_cast<void>(found->second.finalize());
    }
    const bool waited_for = waiting_.erase(found->second.fd()) > 0;
    ranks_.erase(found);
    return waited_for && waiting_.empty() && !ranks_.empty();
}

std::string LauncherJob::key_of(std::uint32_t node, std::size_t part) const {
    return "mpi-podman-" + std::to_string(exchange_) + "-" + std::to_string(node) + "-" +
           std::to_string(part);
}

/// What a put can carry: no more than the launcher takes as a value, and in one line of less than 1024 bytes,
/// as Slurm's mpi/pmi2 takes what one read(2) of so many brings for a whole request.
std::size_t LauncherJob::room_for_part() const {
    constexpr std::size_t line = 1023;
    constexpr std::size_t room_for_count = 12;
    constexpr std::size_t longest_key = 64;
    const auto around =
        pmi::encode(pmi::Message{"put", {}}.with("kvsname", kvsname_).with("key", "").with("value", ""),
                    pmi::Dialect::pmi1);
    const auto overhead = around.size() + longest_key;
    constexpr std::size_t least = 64;
    return std::max(least, std::min(longest_value_, line - std::min(line, overhead))) - room_for_count;
}

Result<void> LauncherJob::begin_exchange(const std::string& piece) {
    if (ranks_.empty()) {
        return {};
    }
    own_piece_ = piece;
    const auto text = pmi::to_base64(piece);
    const std::size_t each = room_for_part();
    const std::size_t parts = std::max<std::size_t>(1, (text.size() + each - 1) / each);
    auto& speaker = ranks_.begin()->second;
    for (std::size_t part = 0; part < parts; ++part) {
        auto value = part == 0 ? std::to_string(parts) + end_of_count : std::string();
        value += text.substr(part * each, each);
        if (auto put = speaker.put(kvsname_, key_of(own_node_, part), value); !put) {
            return put;
        }
    }
    for (auto& [rank, client] : ranks_) {
        if (auto entered = client.enter_barrier(); !entered) {
            return entered;
        }
        waiting_.emplace(client.fd(), rank);
    }
    return {};
}

std::vector<int> LauncherJob::waiting() const {
    std::vector<int> fds;
    std::transform(waiting_.begin(), waiting_.end(), std::back_inserter(fds),
                   [](const auto& each) { return each.first; });
    return fds;
}

Result<bool> LauncherJob::take(int fd) {
    const auto found = waiting_.find(fd);
    if (found == waiting_.end()) {
        return false;
    }
    auto left = ranks_.at(found->second).leave_barrier();
    waiting_.erase(found);
    return left.map([&] { return waiting_.empty(); });
}

Result<std::string> LauncherJob::end_exchange() {
    const std::set<std::uint32_t> nodes(nodes_.begin(), nodes_.end());
    std::string all;
    for (const auto node : nodes) {
        auto piece = node == own_node_ ? Result<std::string>(own_piece_) : piece_of(node);
        if (!piece) {
            return piece;
        }
        all += *piece;
    }
    own_piece_.clear();
    ++exchange_;
    return all;
}

Result<std::string> LauncherJob::piece_of(std::uint32_t node) {
    auto& speaker = ranks_.begin()->second;
    std::string text;
    std::size_t parts = 1;
    for (std::size_t part = 0; part < parts; ++part) {
        auto value = speaker.get(kvsname_, key_of(node, part));
        if (!value) {
            return failure(
                Status::ours, value.error().message,
                "do all ranks of the job use images with Open MPI, on every node? has the launcher "
                "ended?");
        }
        std::string_view rest = *value;
        if (part == 0) {
            const auto [stop, error] = std::from_chars(rest.data(), rest.data() + rest.size(), parts);
            rest.remove_prefix(std::min(static_cast<std::size_t>(stop - rest.data()) + 1, rest.size()));
        }
        text += rest;
    }
    return pmi::from_base64(text);
}

void LauncherJob::abort(std::uint32_t rank, int status) {
    if (const auto found = ranks_.find(rank); found != ranks_.end()) {
        found->second.abort(status);
    }
}

}  // namespace mpi_podman
