#include "join/enter.hpp"

#include <fcntl.h>
#include <sched.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <csignal>
#include <cstring>

#include "join/attach.hpp"
#include "join/keeper.hpp"
#include "sys/argument_space.hpp"

namespace mpi_podman {
namespace {

/// The program's path, or where it is a mere name the paths it has below PATH.
std::vector<std::string> places_of(const Rank& rank) {
    const auto& name = rank.argv.front();
    if (name.find('/') != std::string::npos) {
        return {name};
    }
    std::string_view path = "/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin";  // podman's own
    for (const std::string_view entry : rank.environment) {
        path = entry.starts_with("PATH=") ? entry.substr(5) : path;
    }
    std::vector<std::string> places;
    for (std::size_t at = 0; at <= path.size();) {
        const auto end = std::min(path.find(':', at), path.size());
        places.push_back(std::string(path.substr(at, end - at)) + (end > at ? "/" : "./") + name);
        at = end + 1;
    }
    return places;
}

/// Whether a rank could change the program that this process runs, the host's file: in the moment before it
/// takes on the image's program, /proc/self/exe there is that, and an image may name it as its own
/// (CVE-2019-5736).
bool is_in_the_hands_of_ranks(const char* program) {
    struct stat info {};
    return ::stat(program, &info) != 0 || info.st_uid == ::geteuid() || ::access(program, W_OK) == 0;
}

/// Has the agent's program, of which the container has a read-only mount, execute the rank's.
void go_by_agent(Image& image, const Fd& agent, const std::vector<std::string>& words) {
    image.agent = "/proc/self/fd/" + std::to_string(agent.get());
    image.by_agent = exec_pointers(words);
    image.by_agent.pop_back();
    for (const char* program : image.programs) {
        image.by_agent.push_back(
            const_cast<char*>(program));  // NOLINT(cppcoreguidelines-pro-type-const-cast): execve(2)
    }
    image.by_agent.insert(image.by_agent.end(), image.argv.begin(), image.argv.end());
}

/// Enters, and makes the keeper as a sibling, so as a child of the wrapper (clone(2), CLONE_PARENT): setns(2)
/// moves only children into a pid namespace, and the wrapper itself must go on seeing the host's files.
[[noreturn]] void go_in(const Fd& agent, int flags, Attachments& attachments, int channel, int pid_to,
                        const Description& description, const Rank& rank, const Image& image) {
    if (!attachments.take()) {
        fail(channel, Step::mounts);
    }
    if (::syscall(SYS_setns, agent.get(), flags) != 0) {
        fail(channel, Step::namespaces);
    }
    if (!attachments.put()) {
        fail(channel, Step::mounts);
    }
    const long keeper = ::syscall(SYS_clone, CLONE_PARENT | SIGCHLD, nullptr, nullptr, nullptr, nullptr);
    if (keeper == 0) {
        keep(channel, description, rank, image);
    }
    if (keeper < 0) {
        fail(channel, Step::namespaces);
    }
    const auto pid = static_cast<pid_t>(keeper);
    [[maybe_unused]] const ssize_t put = ::write(pid_to, &pid, sizeof pid);
    ::_exit(0);
}

const char* words_for(Step step) {
    switch (step) {
        case Step::namespaces: return "cannot enter the node's container";
        case Step::mounts: return "cannot bring the job's directories into the node's container";
        case Step::workdir: return "cannot change to the working directory ";
        case Step::limits: return "cannot set the limits of --ulimit";
        case Step::confinement: return "cannot confine the rank as podman does";
        case Step::exec:
        case Step::interpreter: break;
    }
    return "";
}

/// By the limit it was to have.
std::size_t space_of(const Rank& rank) {
    const auto typed = std::find_if(rank.limits.rbegin(), rank.limits.rend(),
                                    [](const ResourceLimit& limit) { return limit.which == RLIMIT_STACK; });
    return typed == rank.limits.rend() ? argument_space() : argument_space(std::uint64_t{typed->soft});
}

constexpr const char* more_processes = "raise the limit: ulimit -u";

/// Where a namespace or a mount was refused, or there was no process or fd for it.
std::string advice_for_entering(int why) {
    switch (why) {
        case EAGAIN: return more_processes;
        case EMFILE: return "raise the limit: ulimit -n";
        default: return "try mpi-podman --per-rank";
    }
}

std::string advice_for(int why) {
    switch (why) {
        case ENAMETOOLONG: return "a path may have 4095 bytes, and each name in it 255";
        case EAGAIN: return more_processes;
        default:
            return "is it executable, built for this machine, and its #! interpreter or loader in the image?";
    }
}

Error error_of(const News& news, const Rank& rank, const std::string& image) {
    const std::string why = std::strerror(news.status);
    if (news.step == Step::workdir) {
        return {Status::not_runnable, words_for(news.step) + rank.workdir + " in " + image + ": " + why,
                "check --workdir, or mount it with --volume"};
    }
    if (news.step == Step::limits) {
        return {Status::ours, words_for(news.step) + (": " + why),
                "ask for no more than the hard limits outside: ulimit -Ha"};
    }
    if (news.step != Step::exec && news.step != Step::interpreter) {
        return {Status::ours, words_for(news.step) + (": " + why), advice_for_entering(news.status)};
    }
    const auto where = " in " + image + ", working directory " + rank.workdir;
    if (news.status == ENOENT && news.step == Step::exec) {
        return {
            Status::not_found, rank.argv.front() + " was not found" + where,
            "a program of the host must lie below the current directory or a --volume, one of the image in "
            "its PATH"};
    }
    if (news.status == E2BIG) {
        return too_long(rank.argv.front(), rank.argv, rank.environment, space_of(rank));
    }
    return {Status::not_runnable, rank.argv.front() + " cannot be executed" + where + " (" + why + ")",
            advice_for(news.status)};
}

/// What the keeper said before it ended. Where it had not read all of ours, that comes as an error first
/// (unix(7)).
std::optional<News> last_words(const Fd& channel) {
    News news{};
    ssize_t got = 0;
    do {
        got = ::recv(channel.get(), &news, sizeof news, MSG_DONTWAIT);
    } while (got < 0 && errno == ECONNRESET);
    return got == static_cast<ssize_t>(sizeof news) ? std::optional(news) : std::nullopt;
}

}  // namespace

Result<Joined> Joined::enter(const Fd& agent, pid_t agent_pid, const Description& description,
                             const Rank& rank) {
    const auto& namespaces = description.namespaces;
    std::array<int, 2> ends{};
    auto pid_pipe = make_pipe();
    if (!pid_pipe || ::socketpair(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC, 0, ends.data()) != 0) {
        return failure(Status::ours, "cannot make a channel to the rank: " + errno_text(),
                       "raise the limit: ulimit -n");
    }
    Fd ours(ends[0]);
    Fd theirs(ends[1]);
    Attachments attachments(rank.attached, rank.hidden,
                            rank.attached.empty() ? Fd{} : pidfd_of(static_cast<pid_t>(description.conmon)),
                            namespaces.of_conmon, rank.made);
    const auto places = places_of(rank);
    Image image{{}, exec_pointers(rank.argv), exec_pointers(rank.environment)};
    std::transform(places.begin(), places.end(), std::back_inserter(image.programs),
                   [](const auto& place) { return place.c_str(); });
    Fd agent_program;
    const std::vector<std::string> words{become_rank_word, std::to_string(theirs.get()),
                                         std::to_string(places.size())};
    if (is_in_the_hands_of_ranks("/proc/self/exe")) {
        agent_program =
            Fd(::open(("/proc/" + std::to_string(agent_pid) + "/exe").c_str(), O_PATH | O_CLOEXEC));
        go_by_agent(image, agent_program, words);
    }
    const int dumpable = ::prctl(PR_GET_DUMPABLE);
    // Copying memory three times for a rank would be a fifth of what it costs to start.
    const pid_t between = ::vfork();  // NOLINT(clang-analyzer-security.insecureAPI.vfork)
    if (between < 0) {
        return failure(Status::ours, "cannot start a process: " + errno_text(), "raise the limit: ulimit -u");
    }
    // It allocates nothing and ends in _exit(2). NOLINTBEGIN(clang-analyzer-unix.Vfork)
    if (between == 0) {
        ::close(ours.get());  // its own copy; the object is the parent's
        go_in(agent, namespaces.of_agent, attachments, theirs.get(), pid_pipe->write_end.get(), description,
              rank, image);
    }
    // NOLINTEND(clang-analyzer-unix.Vfork)
    // Credentials that change, as by entering a user namespace, make the memory they share undumpable.
    ::prctl(PR_SET_DUMPABLE, dumpable);
    pid_pipe->write_end.reset();
    theirs.reset();
    pid_t keeper = -1;
    const ssize_t got = ::read(pid_pipe->read_end.get(), &keeper, sizeof keeper);
    ::waitpid(between, nullptr, 0);
    if (got != static_cast<ssize_t>(sizeof keeper) || keeper < 0) {
        News news{false, EIO, Step::namespaces};
        ::recv(ours.get(), &news, sizeof news, MSG_DONTWAIT);
        return failure(error_of(news, rank, ""));
    }
    Child watched(keeper, pidfd_of(keeper));
    if (watched.pidfd() < 0) {
        return failure(Status::ours, "cannot watch a process: " + errno_text(), "raise the limit: ulimit -n");
    }
    return Joined(std::move(watched), std::move(ours));
}

void Joined::signal(int number) const noexcept {
    const auto word = static_cast<std::int32_t>(number);
    ::send(channel_.get(), &word, sizeof word, MSG_NOSIGNAL);
}

Result<std::optional<Ending>> Joined::wait(const Rank& rank, const std::string& image) {
    keeper_.wait();
    const auto news = last_words(channel_);
    if (!news) {
        return std::nullopt;
    }
    if (!news->ended) {
        return failure(error_of(*news, rank, image));
    }
    return WIFSIGNALED(news->status) ? Ending{0, WTERMSIG(news->status)}
                                     : Ending{WEXITSTATUS(news->status), 0};
}

}  // namespace mpi_podman
