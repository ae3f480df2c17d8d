#include "run/node_container.hpp"

#include <fcntl.h>
#include <poll.h>
#include <spdlog/spdlog.h>
#include <unistd.h>

#include <array>
#include <chrono>
#include <filesystem>
#include <sstream>

#include "inspect/node.hpp"
#include "podman/explain.hpp"
#include "run/agent_socket.hpp"
#include "run/bring_image.hpp"
#include "run/conmon.hpp"
#include "run/describe.hpp"
#include "run/hidden.hpp"
#include "run/identity.hpp"
#include "run/killed.hpp"
#include "run/lingering_job.hpp"
#include "run/run_paths.hpp"
#include "wire/frame.hpp"
#include "wire/local_socket.hpp"

namespace mpi_podman {
namespace {

/// Two ranks share a container where podman would be told the same, the container's name apart.
std::string key_of(Plan plan, const NodeCommand& command) {
    plan.name.clear();
    std::string all = plan.linger > 0 ? identity(command.agent) : "";
    for (const auto& word : render_node(plan, command)) {
        all += word + '\0';
    }
    std::ostringstream text;
    text << std::hex << std::hash<std::string>{}(all);
    return text.str();
}

constexpr pid_t no_pid = 0;
constexpr const char* start_lock = "start.lock";
constexpr const char* home_file = "home";  // the key of the container whose pid linux namespace is the job's

}  // namespace

NodeContainer::NodeContainer(Plan plan, Decide plan_for, const JobDirectory& directory,
                             const std::string& agent, std::vector<std::string> lingering_bases,
                             Moments& moments)
    : plan_(std::move(plan)),
      plan_for_(std::move(plan_for)),
      directory_(directory),
      command_{agent, {}, std::to_string(::geteuid()) + ":" + std::to_string(::getegid())},
      lingering_bases_(std::move(lingering_bases)),
      moments_(moments),
      name_(plan_.name),
      key_(key_of(plan_, command_)) {}

std::string NodeContainer::in_directory(const std::string& name) const {
    return directory_.path() + "/" + name;
}

Frame NodeContainer::greeting() const { return {Say::hello, plan_.begin_together}; }

Result<Place> NodeContainer::take_place() {
    constexpr int most_attempts = 10;  // each is a container that died before it could be entered
    for (int attempt = 0; attempt < most_attempts; ++attempt) {
        auto connection = connect_to_agent(directory_.path(), key_, greeting());
        auto place = (connection ? Result<Fd>(std::move(connection)) : start()).and_then([&](Fd&& made) {
            return settle(std::move(made));
        });
        if (place && place->agent && !command_.id_file.empty()) {
            ::unlink(command_.id_file.c_str());  // what it is for has been noted; and anybody may read it
        }
        if (place && place->agent && plan_.linger > 0) {
            place->made = open_note_of_made(in_directory(key_));
        }
        if (!place || place->agent) {
            return place;
        }
    }
    directory_.note_unclean();
    const auto usable = check_podman(plan_.podman);
    return failure(remember(usable
                                ? Error{Status::ours, "the node's container ends before a rank can enter it",
                                        "try mpi-podman --per-rank"}
                                : usable.error()));
}

Result<Fd> NodeContainer::start() {
    const auto lock = directory_.lock(start_lock);
    if (!lock) {
        return failure(lock.error());
    }
    if (const auto known = read_file(in_directory(key_ + ".failed"))) {
        return failure(error_from_json(*known));
    }
    if (auto connection = connect_to_agent(directory_.path(), key_, greeting())) {
        return connection;  // somebody was faster
    }
    if (!nobody_listens()) {
        return failure(no_connection_in(directory_.path(), errno_text()));
    }
    const bool ask_first = plan_.pull == Pull::always || plan_.pull == Pull::newer;
    if (const auto image = ask_first ? bring_image() : Result<ImageFacts>(ImageFacts{}); !image) {
        return failure(remember(image.error()));
    }
    return find_home().and_then([&](Fd&& home) {
        return plan_.linger > 0 && !home ? take_or_start_lingering() : start_for_job(std::move(home));
    });
}

/// Ranks of one job that use two images, or two mounts, need one pid linux namespace all the same: shared
/// memory between two crashes Open MPI; and one user linux namespace, or they cannot copy from each other's
/// memory. The later container lives in the first one's, and its agent holds a place there.
Result<Fd> NodeContainer::find_home() {
    command_.home.clear();
    const auto first = read_file(in_directory(home_file));
    const bool another = first && *first != key_;
    auto connection = another ? connect_to_agent(directory_.path(), *first) : Fd{};
    if (another && !connection && !nobody_listens()) {
        return failure(no_connection_in(directory_.path(), errno_text()));
    }
    const auto place = connection ? settle(std::move(connection)) : Result<Place>(Place{});
    if (!place) {
        return failure(place.error());
    }
    if (place->agent) {
        command_.home = place->description.container;
        return Fd(::fcntl(place->connection.get(), F_DUPFD_CLOEXEC, 0));
    }
    return write_file(in_directory(home_file), key_).map([] { return Fd{}; });
}

/// By the pull policy, once for all ranks of the node.
Result<ImageFacts> NodeContainer::bring_image() const {
    Options options;
    options.podman = plan_.podman;
    options.image = plan_.image;
    options.pull = plan_.pull;
    return mpi_podman::bring_image(options, directory_);
}

/// Only now, and once: ranks that join pay nothing for it.
Result<void> NodeContainer::look_at_host() {
    if (looked_at_host_) {
        return {};
    }
    const auto image = plan_.mpi_from.empty() ? Result<ImageFacts>(ImageFacts{}) : bring_image();
    auto seeing = image.and_then(plan_for_);
    if (!seeing) {
        return failure(remember(seeing.error()));
    }
    plan_.mpi_mounts = std::move(seeing->mpi_mounts);
    plan_.devices = std::move(seeing->devices);
    looked_at_host_ = true;
    return {};
}

/// One that ends with its job: also the second of a job, as it lives in the first one's linux namespaces.
Result<Fd> NodeContainer::start_for_job(Fd home) {
    if (const auto seeing = look_at_host(); !seeing) {
        return failure(seeing.error());
    }
    plan_.name = name_;
    if (started_++ > 0) {
        plan_.name.append("-").append(std::to_string(started_));
    }
    hide_ours(plan_, directory_, lingering_bases_);
    auto socket = listen_in(directory_.path(), key_);
    if (!socket) {
        return failure(no_socket_in(directory_.path(), errno_text()));
    }
    directory_.note_container(plan_.podman, plan_.name);
    command_.id_file = id_file_in(directory_.path(), plan_.name);
    ::unlink(command_.id_file.c_str());  // podman refuses one that is there
    return start_podman(std::move(socket), std::move(home));
}

/// One that waits already, or a new one. It outlives this process, whose number is in `name_`.
Result<Fd> NodeContainer::take_or_start_lingering() {
    const auto all = directory_of_lingering(lingering_bases_);
    if (!all) {
        return failure(all.error());
    }
    if (auto connection = take_one_of_today(*all, key_, name_, directory_.path(), greeting())) {
        return connection;
    }
    if (const auto seeing = look_at_host(); !seeing) {
        return failure(seeing.error());
    }
    plan_.name = name_;
    plan_.name.append("-").append(
        std::to_string(std::chrono::system_clock::now().time_since_epoch().count()));
    hide_ours(plan_, directory_, lingering_bases_);
    const Lingering place{*all, key_, plan_.name};
    command_.id_file = id_file_in(place.of_job(name_), plan_.name);
    auto socket = listen_in_place(place, name_, plan_, in_directory(key_));
    if (socket && !*socket) {
        spdlog::info("--linger: the container-keeper was killed, so the container ends with its job");
        return start_for_job({});
    }
    return std::move(socket).and_then([&](Fd&& made) { return start_podman(std::move(made), {}); });
}

Result<Fd> NodeContainer::start_podman(Fd socket, Fd home) {
    auto connection = connect_to_agent(directory_.path(), key_, greeting());
    if (!connection) {
        return failure(Status::ours, "cannot connect to the agent to be: " + errno_text(),
                       "is the limit of open files low (ulimit -n)?");
    }
    moments_.pass(Moment::asked_podman);
    auto podman = PodmanRun::begin(render_node(plan_, command_), std::move(socket), home);
    if (!podman) {
        const auto usable = check_podman(plan_.podman);
        return failure(remember(usable ? not_started(podman.error()) : usable.error()));
    }
    podman_.emplace(std::move(*podman));
    return connection;
}

Error NodeContainer::remember(const Error& error) const {
    static_cast<void>(write_file(in_directory(key_ + ".failed"), to_json(error)));
    return error;
}

/// Where podman and its helpers keep what they know of the container of this conmon; 0: there is none.
void NodeContainer::note_state_of(pid_t conmon) const {
    if (conmon > 0) {
        directory_.note_bundle(conmon_option(conmon, "-b"));
        directory_.note_run_paths(run_paths_of(conmon));
    }
}

/// podman has ended, which is as it should be, or says why there will be no container.
Result<void> NodeContainer::podman_ended() {
    // The other ranks wait at its copy of the socket until this function ends; then that is the agent's
    // alone.
    PodmanRun podman = std::move(*podman_);
    podman_.reset();
    const Ending ending = podman.wait();
    if (ending.signal == 0 && ending.status == 0) {
        return {};
    }
    note_state_of(conmon_of(plan_.name));  // it may write its exit file when podman has forgotten that
    directory_.note_unclean();
    const auto said = podman.said();
    ::unlink(in_directory(key_).c_str());
    if (is_missing_image(said)) {
        const auto brought = bring_image();
        return brought ? Result<void>() : failure(remember(brought.error()));  // and so to the next attempt
    }
    // What an old podman says of options it does not know helps nobody.
    if (const auto usable = check_podman(plan_.podman); !usable) {
        return failure(remember(usable.error()));
    }
    return failure(remember(ending.signal != 0 ? killed_from_outside(podman_killed(ending.signal), plan_)
                                               : explain(plan_, ending.status, said)));
}

/// Until the agent says something, or its end of the connection closes.
Result<void> NodeContainer::wait_for_word(const Fd& connection) {
    while (true) {
        std::array<pollfd, 3> events{{{connection.get(), POLLIN, 0},
                                      {podman_ ? podman_->pidfd() : -1, POLLIN, 0},
                                      {podman_ ? podman_->words() : -1, POLLIN, 0}}};
        ::poll(events.data(), events.size(), -1);
        if (events[0].revents != 0) {
            return {};
        }
        if (events[2].revents != 0) {
            podman_->listen();
        }
        const auto ended = events[1].revents != 0 ? podman_ended() : Result<void>();
        if (!ended) {
            return failure(ended.error());
        }
    }
}

/// Waits for the agent's word. A Place without agent where the container ended first.
Result<Place> NodeContainer::settle(Fd connection) {
    if (const auto waited = wait_for_word(connection); !waited) {
        return failure(waited.error());
    }
    auto received = receive_frame(connection.get());
    if (const auto refusal = refusal_in(received)) {
        return failure(*refusal);
    }
    if (received.say && (received.say == Say::stranger || received.peer_uid != ::geteuid())) {
        directory_.note_unclean();
        return failure(
            remember({Status::ours, "what runs in " + plan_.image + " runs as another user than you",
                      "leave out --user, or give each rank a container of its own: --per-rank"}));
    }
    Place place{std::move(connection), Fd{}, received.peer_pid, {}, Fd{}};
    if (!received.say || received.peer_pid == no_pid) {
        // Nobody holds the socket any more: the container is gone, or podman could not make it.
        const auto ended = podman_ ? podman_ended() : Result<void>();
        return ended ? Result<Place>(std::move(place)) : Result<Place>(failure(ended.error()));
    }
    place.agent = pidfd_of(received.peer_pid);
    if (received.say == Say::prepare) {
        return be_described(std::move(place));
    }
    return read_sealed(received.fd).map([&](Description description) {
        place.description = std::move(description);
        return std::move(place);
    });
}

/// Describes the container to this rank and, through the agent, to all others.
Result<Place> NodeContainer::be_described(Place place) const {
    auto description = describe_container(plan_, place.agent_pid, is_init(plan_, command_));
    if (!description) {
        directory_.note_unclean();
        return failure(description.error());
    }
    // One that lingers, whose keeper sees to it, is elsewhere; a second container of its job's is not.
    if (!std::filesystem::is_symlink(in_directory(key_))) {
        note_state_of(static_cast<pid_t>(description->conmon));
    }
    const auto memory = seal(*description);
    if (!memory) {
        return failure(memory.error());
    }
    if (!send_frame(place.connection.get(), {Say::prepared}, memory->get())) {
        return failure(Status::ours, "cannot hand on what the node's container is: " + errno_text(),
                       "try mpi-podman --per-rank");
    }
    place.description = std::move(*description);
    return place;
}

}  // namespace mpi_podman
