#include "pmix-server/node_server.hpp"

#include <poll.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <span>

#include "wire/packet.hpp"

namespace mpi_podman {
namespace {

constexpr std::size_t longest_request = 16UL * 1024;

/// A rank takes three fds: its wrapper's connection, its own to the launcher, and the one to libpmix. What
/// else there is, libpmix's own and somebody who is told that there is no place left, has the others: where
/// an accept(2) of libpmix's fails for want of one, it listens no more.
constexpr rlim_t fds_of_a_rank = 3;
constexpr rlim_t other_fds = 24;

std::string text_of(const pmi::KeyValues& request, std::string_view name) {
    const auto found = request.find(name);
    return found == request.end() ? std::string() : found->second;
}

/// The name of this node, and something to call the others: PMI numbers nodes only.
std::vector<std::string> names_of_nodes(const LauncherJob& job) {
    std::array<char, 256> own{};
    ::gethostname(own.data(), own.size() - 1);
    std::vector<std::string> names;
    for (std::size_t rank = 0; rank < job.nodes().size(); ++rank) {
        const auto node = job.nodes()[rank];
        names.resize(std::max<std::size_t>(names.size(), node + 1));
        if (names[node].empty()) {
            names[node] = node == job.own_node() ? own.data() : "node-of-rank-" + std::to_string(rank);
        }
    }
    return names;
}

pmi::KeyValues block_of(const Error& error) { return {{"error", error.message}, {"hint", error.hint}}; }

std::size_t places() {
    rlimit limit{};
    ::getrlimit(RLIMIT_NOFILE, &limit);
    return static_cast<std::size_t>((std::max(limit.rlim_cur, other_fds) - other_fds) / fds_of_a_rank);
}

}  // namespace

NodeServer::NodeServer(Library library, std::string directory, int listening)
    : library_(std::move(library)),
      families_(std::move(directory)),
      listening_(listening),
      most_places_(places()) {}

Result<void> NodeServer::serve() {
    while (!came_ || !places_.empty()) {
        if (auto served = serve_some(); !served) {
            return served;
        }
    }
    return {};
}

void NodeServer::break_off(const Error& why) {
    const auto block = pmi::encode_values(block_of(why));
    for (const auto& [fd, place] : places_) {
        send_packet(fd, std::as_bytes(std::span(block)));
    }
    for (auto& [fd, place] : places_) {
        constexpr int patience = 5000;  // milliseconds
        char byte = 0;
        pollfd ended{fd, POLLIN, 0};
        while (::poll(&ended, 1, patience) == 1 && ::recv(fd, &byte, 1, 0) > 0) {
        }
    }
    end_job(static_cast<int>(why.status));
    // As behind ranks that end by themselves: with this process goes who knows what they asked to have
    // removed. Last, for libpmix may be stuck over their end.
    for (const auto& [fd, place] : places_) {
        if (place.rank && !library_.forget(*place.rank)) {
            return;
        }
    }
}

/// Ranks of other nodes, or of MPICH on this one, may wait for those that were ended. The wrappers stay until
/// this process goes: a Hydra whose processes here have all ended would not take this in.
void NodeServer::end_job(int status) {
    for (const auto& [fd, place] : places_) {
        if (place.rank && place.connected) {
            job_.abort(*place.rank, status);
            return;
        }
    }
}

/// Waits for something to happen, and serves all that has.
Result<void> NodeServer::serve_some() {
    std::vector<pollfd> events{{is_full_ ? -1 : listening_, POLLIN, 0}, {questions_fd(), POLLIN, 0}};
    for (const int fd : job_.waiting()) {
        events.push_back({fd, POLLIN, 0});
    }
    for (const auto& [fd, place] : places_) {
        events.push_back({fd, POLLIN, 0});
    }
    constexpr int time_for_the_first = 10'000;  // milliseconds, then who started this has died
    const bool watches = may_mix();
    constexpr int look_again = 1000;
    if (::poll(events.data(), events.size(), !came_ ? time_for_the_first : watches ? look_again : -1) == 0) {
        came_ = true;
        return watches ? families_.speak(pmi::Family::pmix) : Result<void>();
    }
    // First what ranks have said: a wrapper's end may stand behind it.
    if (auto answered = events[1].revents != 0 ? answer_all() : Result<void>(); !answered) {
        return answered;
    }
    for (std::size_t at = 2; at < events.size(); ++at) {
        if (events[at].revents == 0) {
            continue;
        }
        const int fd = events[at].fd;
        auto served = places_.contains(fd) ? hear(fd) : go_on_exchanging(fd);
        if (!served) {
            return served;
        }
    }
    if (events[0].revents != 0) {
        accept_all();
    }
    return {};
}

/// Ranks of another family may come when these wait for them already. Once all have met there are none.
bool NodeServer::may_mix() const {
    return !have_met_ && std::any_of(places_.begin(), places_.end(),
                                     [](const auto& each) { return each.second.connected; });
}

void NodeServer::accept_all() {
    while (true) {
        Fd connection(::accept4(listening_, nullptr, nullptr, SOCK_CLOEXEC));
        ucred peer{};
        socklen_t size = sizeof peer;
        if (!connection) {
            is_full_ = errno == EMFILE;
            if (errno != EAGAIN && !is_full_) {
                constexpr int a_moment = 10;  // milliseconds: what the node lacks comes back by itself
                ::poll(nullptr, 0, a_moment);
            }
            return;
        }
        // The socket's directory is the user's alone; who else came there is refused all the same.
        if (::getsockopt(connection.get(), SOL_SOCKET, SO_PEERCRED, &peer, &size) == 0 &&
            (peer.uid == ::geteuid() || peer.uid == 0)) {
            const int fd = connection.get();
            places_.emplace(fd, Place{std::move(connection), std::nullopt});
            came_ = true;
        }
    }
}

/// A request, or a wrapper's end.
Result<void> NodeServer::hear(int fd) {
    std::string bytes(longest_request, '\0');
    auto packet = receive_packet(fd, std::as_writable_bytes(std::span(bytes)));
    auto& place = places_.at(fd);
    bytes.resize(packet.size);
    const auto request = pmi::decode_values(bytes);
    if (packet.size == 0 || !packet.whole || place.rank || !request) {
        auto left = leave(place);
        places_.erase(fd);
        is_full_ = false;
        return left;
    }
    auto reply = admit(place, *request, std::move(packet.fd));
    is_full_ = is_full_ && reply;  // the rank's own connection is closed where it has no place
    const auto variables = reply ? *reply : block_of(reply.error());
    const auto block = pmi::encode_values(variables);
    send_packet(fd, std::as_bytes(std::span(block)));
    return reply || !Library::is_stuck() ? Result<void>() : failure(reply.error());
}

Result<pmi::KeyValues> NodeServer::admit(Place& place, const pmi::KeyValues& request, Fd pmi_fd) {
    if (places_.size() > most_places_) {
        return failure(Status::ours,
                       "the PMIx server of this node has places for " + std::to_string(most_places_) +
                           " ranks, by the hard limit of open files, and all are taken",
                       "raise it: ulimit -Hn, " + std::to_string(fds_of_a_rank) +
                           " for each rank of the node and " + std::to_string(other_fds) + " more");
    }
    if (!pmi_fd && text_of(request, "PMI_PORT").empty()) {
        return failure(Status::ours, "the rank's socket to the launcher (PMI_FD) did not arrive",
                       "is the limit of open files low (ulimit -n)?");
    }
    const auto rank = pmi::number_of<std::uint32_t>(text_of(request, "rank"));
    auto client = pmi_fd ? Result<pmi::Client>(pmi::Client(std::move(pmi_fd)))
                         : pmi::Client::connect(text_of(request, "PMI_PORT"), text_of(request, "PMI_ID"));
    return std::move(client)
        .and_then([&](pmi::Client&& connected) {
            const auto size =
                connected.told_size().value_or(pmi::number_of<std::uint32_t>(text_of(request, "size")));
            return job_.add(rank, size, std::move(connected));
        })
        .and_then([&] { return expect(rank); })
        .map([&](const std::vector<std::string>& variables) {
            place.rank = rank;
            pmi::KeyValues block;
            for (const auto& variable : variables) {
                const auto equals = std::min(variable.find('='), variable.size() - 1);
                block.insert_or_assign(variable.substr(0, equals), variable.substr(equals + 1));
            }
            return block;
        });
}

/// Has libpmix take a rank in that the job has. Where it does not, the job no longer has it: nothing would
/// ever come of that rank.
Result<std::vector<std::string>> NodeServer::expect(std::uint32_t rank) {
    auto variables =
        (library_.serves_a_job() ? Result<void>() : library_.serve(job_to_serve())).and_then([&] {
            return library_.expect(rank);
        });
    if (!variables) {
        job_.remove(rank, false);
    }
    return variables;
}

JobToServe NodeServer::job_to_serve() const {
    return {job_.id(), job_.universe(), job_.nodes(), names_of_nodes(job_), job_.own_node()};
}

/// A rank that finalized, or never spoke PMIx, is done properly; another one has died.
Result<void> NodeServer::leave(const Place& place) {
    if (!place.rank) {
        return {};
    }
    const bool ends_exchange = job_.remove(*place.rank, place.finalized || !place.connected);
    if (job_.is_empty()) {
        exchanging_.reset();  // nobody is left to have an answer
    }
    auto forgotten = library_.forget(*place.rank);
    return forgotten && ends_exchange ? end_exchange() : forgotten;
}

NodeServer::Place* NodeServer::place_of(std::uint32_t rank) {
    const auto found = std::find_if(places_.begin(), places_.end(),
                                    [&](const auto& each) { return each.second.rank == rank; });
    return found == places_.end() ? nullptr : &found->second;
}

Result<void> NodeServer::answer_all() {
    for (auto question = next_question(); question; question = next_question()) {
        if (question->kind == Question::Kind::fence) {
            waiting_.push_back(std::move(*question));
        } else if (question->kind == Question::Kind::connected) {
            if (auto begun = begin_place(question->rank); !begun) {
                return begun;
            }
        } else {
            answer_rank(*question);
        }
    }
    return begin_exchange();
}

template <typename Change>
void NodeServer::mark(std::uint32_t rank, Change change) {
    if (auto* const place = place_of(rank); place != nullptr) {
        change(*place);
    }
}

Result<void> NodeServer::begin_place(std::uint32_t rank) {
    mark(rank, [](Place& place) {
        place.connected = true;
        place.finalized = false;  // a second program of the rank's
    });
    return families_.speak(pmi::Family::pmix);
}

void NodeServer::answer_rank(const Question& question) {
    if (question.kind == Question::Kind::abort) {
        job_.abort(question.rank, question.status);
    } else {
        mark(question.rank, [](Place& place) { place.finalized = true; });
    }
    answer(question, PMIX_SUCCESS);
}

}  // namespace mpi_podman
