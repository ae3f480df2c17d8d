#include "run/pmix_server_bridge.hpp"

#include <fcntl.h>
#include <poll.h>
#include <sys/socket.h>
#include <unistd.h>

#include <span>

#include "plan/rank_environment.hpp"
#include "run/agent_socket.hpp"
#include "run/installed.hpp"
#include "run/pmix_server_words.hpp"
#include "run/report.hpp"
#include "sys/process.hpp"
#include "wire/local_socket.hpp"
#include "wire/packet.hpp"

namespace mpi_podman {
namespace {

constexpr const char* server_socket = "pmix-server.socket";
constexpr const char* server_lock = "pmix-server.lock";

/// Not the launcher's own variables: this process speaks PMI to it, and is a server of its own.
std::vector<std::string> environment_of_server() {
    std::vector<std::string> kept;
    for (char** each = environ; *each != nullptr; ++each) {
        const std::string_view entry = *each;
        if (!leads_to_a_server(entry.substr(0, entry.find('=')))) {
            kept.emplace_back(entry);
        }
    }
    return kept;
}

[[noreturn]] void become_server(char* const* argv, char* const* environment, const std::string& words_path,
                                int listening) {
    const Fd words(::open(words_path.c_str(), O_WRONLY | O_CREAT | O_TRUNC | O_NOFOLLOW | O_CLOEXEC, 0600));
    constexpr int expected = 3;
    if (words) {
        ::dup2(words.get(), STDERR_FILENO);
    }
    // As dup2(2) of an fd to itself would leave it close-on-exec.
    const int moved = ::fcntl(listening, F_DUPFD_CLOEXEC, expected + 1);
    ::dup2(moved, expected);
    ::execve(argv[0], argv, environment);
    ::_exit(static_cast<int>(Status::not_runnable));
}

Result<void> start_server(const std::string& program, const std::string& directory) {
    const Fd socket = listen_in(directory, server_socket);
    if (!socket) {
        return failure(no_socket_in(directory, errno_text()));
    }
    const std::vector<std::string> words{program, directory};
    const auto environment = environment_of_server();
    const auto argv = exec_pointers(words);
    const auto variables = exec_pointers(environment);
    const auto words_path = directory + "/" + pmix_server_words;
    return fork_apart("pmix-server",
                      [&] { become_server(argv.data(), variables.data(), words_path, socket.get()); },
                      {socket.get()});
}

/// To the one that listens; where there is none, starts it: one rank at a time looks.
Result<Fd> connect_to_server(const std::string& program, const JobDirectory& directory) {
    const auto lock = directory.lock(server_lock);
    if (!lock) {
        return failure(lock.error());
    }
    if (auto connection = connect_in(directory.path(), server_socket)) {
        return connection;
    }
    if (!nobody_listens()) {
        return failure(no_connection_in(directory.path(), errno_text()));
    }
    return start_server(program, directory.path()).and_then([&]() -> Result<Fd> {
        auto connection = connect_in(directory.path(), server_socket);
        return connection ? Result<Fd>(std::move(connection))
                          : failure(pmix_server_is_gone(directory.path()));
    });
}

pmi::KeyValues request_of(const Plan& plan) {
    pmi::KeyValues request;
    const auto& port = plan.launcher_pmi.port;
    if (plan.rank) {
        request["rank"] = std::to_string(*plan.rank);
    }
    if (plan.size) {
        request["size"] = std::to_string(*plan.size);
    }
    if (!port.empty()) {
        request["PMI_PORT"] = port;
        request["PMI_ID"] = std::to_string(plan.rank.value_or(0));
    }
    return request;
}

/// The variables of the rank. `connection` stays empty, or is closed, where there was no server to ask.
Result<pmi::KeyValues> take_place(const Plan& plan, const std::string& program, const JobDirectory& directory,
                                  Fd& connection) {
    auto connected = connect_to_server(program, directory);
    if (!connected) {
        return failure(connected.error());
    }
    connection = std::move(*connected);
    const auto request = pmi::encode_values(request_of(plan));
    const int pmi_fd = plan.launcher_pmi.fd.value_or(-1);
    if (!send_packet(connection.get(), std::as_bytes(std::span(request)), pmi_fd)) {
        connection.reset();
        return failure(pmix_server_is_gone(directory.path()));
    }
    return hear_pmix_server(connection, directory.path());
}

}  // namespace

Result<std::unique_ptr<RankBridge>> PmixServerBridge::open(const Plan& plan, const JobDirectory& directory) {
    const auto program = installed("pmix-server");
    if (!program) {
        return failure(program.error());
    }
    Fd connection;
    auto variables = take_place(plan, *program, directory, connection);
    if (!variables && !connection) {
        // It was about to end with the ranks before us.
        variables = take_place(plan, *program, directory, connection);
    }
    if (!variables) {
        return failure(variables.error());
    }
    const int pmi_fd = plan.launcher_pmi.fd.value_or(-1);
    if (pmi_fd >= 0) {
        // Not the rank's, but held here to the end: Hydra kills whose connection it sees close, and takes
        // that for how the rank ended.
        ::fcntl(pmi_fd, F_SETFD, FD_CLOEXEC);
    }
    return std::unique_ptr<RankBridge>(
        new PmixServerBridge({variables->begin(), variables->end()}, plan, directory, std::move(connection)));
}

PmixServerBridge::PmixServerBridge(Variables variables, const Plan& plan, const JobDirectory& directory,
                                   Fd connection)
    : RankBridge(std::move(variables)),
      directory_(directory),
      hostname_(plan.hostname),
      connection_(std::move(connection)),
      launcher_fd_(plan.launcher_pmi.fd.value_or(-1)) {}

std::vector<int> PmixServerBridge::fds() const {
    std::vector<int> held;
    for (const int each : {connection_.get(), launcher_fd_}) {
        if (each >= 0) {
            held.push_back(each);
        }
    }
    return held;
}

/// The server speaks to a rank that is in only to say why it ends.
bool PmixServerBridge::serve() {
    const auto word = hear_pmix_server(connection_, directory_.path());
    trouble_ = word ? pmix_server_is_gone(directory_.path()) : word.error();
    return false;
}

/// It asks the launcher to, which kills this process too: so the line is said before. And this process must
/// be there until then: with the last of a node's ranks Hydra's proxy goes, which would have to hear of it.
void PmixServerBridge::let_it_end_the_job() const {
    constexpr int patience = 10'000;  // milliseconds
    report(*trouble_, hostname_, &directory_);
    ::shutdown(connection_.get(), SHUT_WR);
    pollfd gone{connection_.get(), POLLIN, 0};
    ::poll(&gone, 1, patience);
}

/// The server takes a wrapper's end for the rank's: one that never spoke PMIx has ended well, and Hydra lets
/// the others wait for it. So the connection lasts as long as this process, which asks Hydra to end the job
/// first (run/ask_to_end.hpp).
void PmixServerBridge::abandon() { static_cast<void>(connection_.release()); }

Result<void> PmixServerBridge::end() {
    // A rank may see its server's end, and end by it, before this process has looked.
    pollfd said{connection_.get(), POLLIN, 0};
    if (!trouble_ && ::poll(&said, 1, 0) > 0) {
        serve();
    }
    if (trouble_ && connection_) {
        let_it_end_the_job();
    }
    connection_.reset();
    return trouble_ ? failure(*trouble_) : Result<void>();
}

}  // namespace mpi_podman
