#include "sys/process.hpp"

#include <fcntl.h>
#include <poll.h>
#include <sys/prctl.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <charconv>
#include <csignal>
#include <cstdint>
#include <cstring>
#include <filesystem>

#include "sys/argument_space.hpp"

namespace mpi_podman {
namespace {

/// Only async-signal-safe calls from here to exec: what a child of fork(2) may do. Moves to where no dup2(2)
/// overwrites a source, and no higher: the limit of open files may be low. False where there is no room.
template <typename Fds>
bool move_away(Fds& fds, int lowest) {
    for (auto& fd : fds) {
        fd = ::fcntl(fd, F_DUPFD_CLOEXEC, lowest);
    }
    return std::find(std::begin(fds), std::end(fds), -1) == std::end(fds);
}

template <typename Fds>
void put_from(int first, const Fds& fds) {
    for (const int fd : fds) {
        ::dup2(fd, first++);
    }
}

void reset_signals() {
    for (int number = 1; number < NSIG; ++number) {
        static_cast<void>(::signal(number, SIG_DFL));
    }
    sigset_t none;
    ::sigemptyset(&none);
    ::sigprocmask(SIG_SETMASK, &none, nullptr);
}

[[noreturn]] void become(const Spawn& how, std::array<int, 3>& streams, std::vector<int>& pass,
                         char* const* argv, std::array<int, 1> report) {
    if (how.own_process_group) {
        ::setpgid(0, 0);
    }
    if (how.before_exec) {
        how.before_exec();
    }
    keep_from_exec();  // what the launcher left open for its rank is not podman's
    const auto [told] = report;
    const int lowest = STDERR_FILENO + 1 + static_cast<int>(pass.size());
    if (move_away(report, lowest) && move_away(pass, lowest) && move_away(streams, lowest)) {
        put_from(STDIN_FILENO, streams);
        put_from(STDERR_FILENO + 1, pass);
        reset_signals();
        ::execvp(argv[0], argv);
    }
    const int why = errno;
    [[maybe_unused]] const ssize_t put = ::write(report[0] < 0 ? told : report[0], &why, sizeof why);
    // Of no use to anybody, but what is open at an end is what tests/analysis/fds looks for.
    ::syscall(SYS_close_range, STDERR_FILENO + 1U, ~0U, 0U);
    ::_exit(127);
}

/// The errno that exec failed with, or 0 once exec closed the pipe.
int exec_errno(const Fd& report) {
    int why = 0;
    return read_some(report.get(), &why, sizeof why) == static_cast<ssize_t>(sizeof why) ? why : 0;
}

/// The launcher's job ends when the last holder of its streams does.
void leave_launcher() {
    ::setsid();
    [[maybe_unused]] const int moved = ::chdir("/");
    const Fd null(::open("/dev/null", O_RDWR | O_CLOEXEC));
    for (const int stream : {STDIN_FILENO, STDOUT_FILENO, STDERR_FILENO}) {
        ::dup2(null.get(), stream);
    }
}

std::vector<std::string> own_variables() {
    std::vector<std::string> variables;
    for (char** variable = ::environ; *variable != nullptr; ++variable) {
        variables.emplace_back(*variable);
    }
    return variables;
}

constexpr const char* more_files = "raise the limit: ulimit -n";

/// By errno of fork(2).
Error no_process(int why) {
    return {Status::ours, std::string("cannot start a process: ") + std::strerror(why),  // NOLINT: one thread
            why == ENOMEM ? "is memory left, and what limits it (ulimit -v)?" : "raise the limit: ulimit -u"};
}

/// The process's own memory, which proc(5) shows as /proc/PID/cmdline.
std::span<char> words_in_memory;  // NOLINT(cppcoreguidelines-avoid-non-const-global-variables): as they are

bool is_readable_within(int fd, std::chrono::milliseconds limit) {
    pollfd event{fd, POLLIN, 0};
    return ::poll(&event, 1, static_cast<int>(limit.count())) != 0;
}

}  // namespace

Result<void> fork_apart(const std::string& name, const std::function<void()>& code,
                        const std::vector<int>& kept) {
    // Forked twice, so that this process has nothing to reap.
    const pid_t between = ::fork();
    if (between < 0) {
        return failure(no_process(errno));
    }
    if (between == 0) {
        const pid_t apart = ::fork();
        if (apart == 0) {
            rename_process(name);
            leave_launcher();
            close_all_but(kept);
            try {
                code();
            } catch (...) {  // NOLINT(bugprone-empty-catch): out of memory it ends; what is above is another
                             // process's
            }
        }
        ::_exit(apart < 0 ? errno : 0);
    }
    int status = 0;
    while (::waitpid(between, &status, 0) < 0 && errno == EINTR) {
    }
    if (WIFEXITED(status) && WEXITSTATUS(status) != 0) {
        return failure(no_process(WEXITSTATUS(status)));
    }
    return {};
}

std::vector<pid_t> all_processes() {
    std::vector<pid_t> found;
    std::error_code ignored;
    for (const auto& entry : std::filesystem::directory_iterator("/proc", ignored)) {
        const auto name = entry.path().filename().string();
        const char* end = name.data() + name.size();
        pid_t pid = 0;
        if (std::from_chars(name.data(), end, pid).ptr == end) {
            found.push_back(pid);
        }
    }
    return found;
}

std::string proc_status(pid_t pid, std::string_view field) {
    const auto status = read_file("/proc/" + std::to_string(pid) + "/status").value_or("");
    const auto line = "\n" + std::string(field) + ":\t";
    const auto at = status.find(line);
    const auto value = at == std::string::npos ? status.size() : at + line.size();
    return status.substr(value, status.find('\n', value) - value);
}

bool catches(pid_t pid, int number) {
    std::uint64_t mask = 0;
    const auto digits = proc_status(pid, "SigCgt");
    std::from_chars(digits.data(), digits.data() + digits.size(), mask, 16);
    return ((mask >> (number - 1)) & 1U) != 0;
}

Fd pidfd_of(pid_t pid) noexcept { return Fd(static_cast<int>(::syscall(SYS_pidfd_open, pid, 0))); }

void note_words(std::span<char* const> words) {
    char* end = nullptr;
    for (char* const word : words) {
        if (end != nullptr && word != end) {
            break;  // somebody has moved them
        }
        end = word + std::strlen(word) + 1;
    }
    words_in_memory = end == nullptr ? std::span<char>() : std::span(words.front(), end);
}

void rename_process(const std::string& name) {
    ::prctl(PR_SET_NAME, name.c_str());
    if (!words_in_memory.empty()) {
        std::ranges::fill(words_in_memory, '\0');
        std::copy_n(name.data(), std::min(name.size(), words_in_memory.size() - 1), words_in_memory.data());
    }
}

Fd pidfd_of_parent(pid_t parent) noexcept {
    Fd process = pidfd_of(parent);
    if (process && ::getppid() == parent) {
        return process;
    }
    std::array<int, 2> ends{};
    if (::pipe2(ends.data(), O_CLOEXEC) != 0) {
        return {};
    }
    const Fd closed(ends[1]);
    return Fd(ends[0]);
}

bool ended_within(const Fd& process, std::chrono::milliseconds limit) noexcept {
    return !process || is_readable_within(process.get(), limit);
}

bool Child::ends_within(std::chrono::milliseconds limit) const noexcept {
    return is_readable_within(pidfd(), limit);
}

bool signal_pidfd(const Fd& pidfd, int number) noexcept {
    return ::syscall(SYS_pidfd_send_signal, pidfd.get(), number, nullptr, 0) == 0;
}

std::vector<char*> exec_pointers(const std::vector<std::string>& words) {
    std::vector<char*> pointers;
    pointers.reserve(words.size() + 1);
    for (const auto& word : words) {
        // NOLINTNEXTLINE(cppcoreguidelines-pro-type-const-cast): exec(3) only reads
        pointers.push_back(const_cast<char*>(word.c_str()));
    }
    pointers.push_back(nullptr);
    return pointers;
}

Error cannot_start(const std::vector<std::string>& argv, int why) {
    const auto words = argv.front() + ": " + std::strerror(why);  // NOLINT(concurrency-mt-unsafe)
    switch (why) {
        case E2BIG: return too_long(argv.front(), argv, own_variables());
        case EMFILE:
        case ENFILE: return {Status::ours, words, more_files};
        case ENOMEM:
        case EAGAIN: return no_process(why);
        case ENOENT: return {Status::not_found, words, ""};
        default: return {Status::not_runnable, words, ""};
    }
}

Result<Child> spawn(const Spawn& how) {
    auto report = make_pipe();
    if (!report) {
        return failure(report.error());
    }
    const Fd null(::open("/dev/null", O_RDWR | O_CLOEXEC));
    if (!null) {
        return failure(Status::ours, "cannot open /dev/null: " + errno_text(), more_files);
    }
    std::vector<int> pass = how.pass;
    std::array<int, 3> fds{how.in, how.out, how.err};
    std::replace(fds.begin(), fds.end(), -1, null.get());
    const auto argv = exec_pointers(how.argv);
    const pid_t pid = ::fork();
    if (pid < 0) {
        return failure(no_process(errno));
    }
    if (pid == 0) {
        become(how, fds, pass, argv.data(), {report->write_end.get()});
    }
    report->write_end.reset();
    Child child(pid, pidfd_of(pid));
    if (child.pidfd() < 0) {
        return failure(Status::ours, "cannot watch a process: " + errno_text(), more_files);
    }
    if (const int why = exec_errno(report->read_end); why != 0) {
        return failure(cannot_start(how.argv, why));
    }
    return child;
}

void Child::signal(int number) const noexcept {
    if (pid_ > 0) {
        ::kill(pid_, number);
    }
}

Ending Child::wait() noexcept {
    int status = 0;
    while (pid_ > 0 && ::wait4(pid_, &status, 0, &usage_) < 0 && errno == EINTR) {
    }
    pid_ = -1;
    return WIFSIGNALED(status) ? Ending{0, WTERMSIG(status)} : Ending{WEXITSTATUS(status), 0};
}

Child::~Child() {
    if (pid_ > 0) {
        signal(SIGKILL);
        wait();
    }
}

}  // namespace mpi_podman
