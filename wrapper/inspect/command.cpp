#include "inspect/command.hpp"

#include <sys/prctl.h>

#include <algorithm>
#include <boost/asio/io_context.hpp>
#include <boost/process.hpp>
#include <boost/process/extend.hpp>
#include <boost/system/system_error.hpp>
#include <cerrno>
#include <csignal>
#include <future>
#include <new>
#include <system_error>

#include "sys/process.hpp"

namespace mpi_podman {
namespace {

namespace bp = boost::process;

/// exec(3) hands on blocked and ignored signals, and the wrapper's mask is full: the command starts as from a
/// shell.
struct PlainSignals : bp::extend::handler {
    template <typename Executor>
    void on_exec_setup(Executor& /*unused*/) const {
        sigset_t none;
        ::sigemptyset(&none);
        ::sigprocmask(SIG_SETMASK, &none, nullptr);
        static_cast<void>(::signal(SIGPIPE, SIG_DFL));
        ::prctl(PR_SET_PDEATHSIG, SIGKILL);  // nobody waits for the answer; what hangs may not hear less
        keep_from_exec();
    }
};

int status_of(const bp::child& child) {
    const int native = child.native_exit_code();
    return WIFSIGNALED(native) ? 128 + WTERMSIG(native) : WEXITSTATUS(native);
}

Error not_started(const std::string& name, const Error& why) {
    constexpr const char* install = "install podman 4.3 or newer, or give --podman PATH";
    if (why.status == Status::ours) {
        return why;  // a limit, which has advice of its own
    }
    const bool missing = why.status == Status::not_found && name.find('/') == std::string::npos;
    return {Status::ours, missing ? name + " was not found in PATH" : "cannot run " + why.message, install};
}

tl::unexpected<Error> not_started_now(const std::vector<std::string>& argv, int why) {
    auto error = not_started(argv.front(), cannot_start(argv, why));
    error.passes = why == EAGAIN;
    return failure(std::move(error));
}

Result<Answer> run(const std::string& path, const std::vector<std::string>& argv,
                   std::chrono::seconds limit) {
    boost::asio::io_context loop;
    std::future<std::string> out;
    std::future<std::string> err;
    bp::child child(path, bp::args(std::vector<std::string>(argv.begin() + 1, argv.end())),
                    bp::std_in<bp::null, bp::std_out> out, bp::std_err > err, loop, PlainSignals{});
    if (!child.valid()) {
        throw std::system_error(errno, std::generic_category());  // Boost tells of every error but fork(2)'s
    }
    const auto started = std::chrono::steady_clock::now();
    loop.run_for(limit);  // until both outputs are closed; the command itself may live on
    const auto left =
        std::chrono::ceil<std::chrono::milliseconds>(limit - (std::chrono::steady_clock::now() - started));
    if (!loop.stopped() ||
        !ended_within(pidfd_of(child.id()), std::max(left, std::chrono::milliseconds(0)))) {
        child.terminate();
        return failure(
            Status::ours, argv.front() + " gave no answer within " + std::to_string(limit.count()) + " s",
            "run it by hand to see why it hangs: " + argv.front() + " " + (argv.size() > 1 ? argv[1] : ""));
    }
    child.wait();
    return Answer{status_of(child), out.get(), err.get()};
}

bool says(std::string_view text, std::string_view words) {
    return text.find(words) != std::string_view::npos;
}

/// In one line: of Go's package os, `fork/exec PATH: strerror(EAGAIN)`, or of podman's part in C (%m).
bool lacks_processes(std::string_view said) {
    for (std::size_t at = 0; at < said.size();) {
        const auto end = std::min(said.find('\n', at), said.size());
        const auto line = said.substr(at, end - at);
        if (says(line, "esource temporarily unavailable") &&
            (says(line, "fork/exec ") || says(line, "cannot fork: ") || says(line, "cannot clone: "))) {
            return true;
        }
        at = end + 1;
    }
    return false;
}

}  // namespace

Result<Answer> ask(const std::vector<std::string>& argv, std::chrono::seconds limit) {
    const auto& name = argv.front();
    try {
        const std::string path = name.find('/') == std::string::npos ? bp::search_path(name).string() : name;
        if (path.empty()) {
            return not_started_now(argv, ENOENT);
        }
        auto answer = run(path, argv, limit);
        const auto without = answer && answer->status != 0 ? lacks_threads(answer->err) : std::nullopt;
        return without ? failure(*without) : answer;
    } catch (const std::system_error& error) {
        return not_started_now(argv, error.code().value());
    } catch (const boost::system::system_error& error) {  // of the loop
        return not_started_now(argv, error.code().value());
    } catch (const std::bad_alloc&) {
        return not_started_now(argv, ENOMEM);
    }
}

std::optional<Error> lacks_threads(std::string_view said) {
    // runtime/cgo's words, and those of Go's runtime itself.
    const bool threads = says(said, "pthread_create failed") || says(said, "failed to create new OS thread");
    if (!threads && !lacks_processes(said)) {
        return std::nullopt;
    }
    return Error{Status::ours,
                 std::string("podman cannot start its ") + (threads ? "threads" : "processes") +
                     ": the limit of processes is reached",
                 "raise it: ulimit -u; where it is high, podman's user namespace was made under a "
                 "lower one: end the process that its pause.pid names",
                 true};
}

std::string last_line(std::string_view said) {
    said = said.substr(0, said.find_last_not_of('\n') + 1);
    return std::string(said.substr(said.rfind('\n') + 1));
}

}  // namespace mpi_podman
