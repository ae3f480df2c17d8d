/// Ranks of one job as a launcher starts them: the real mpi-podman, a podman made of scripts.
#pragma once

#include <fcntl.h>
#include <gtest/gtest.h>
#include <poll.h>
#include <sys/stat.h>

#include <csignal>
#include <map>

#include "sys/process.hpp"
#include "unit/child_process.hpp"
#include "unit/fake_podman.hpp"

namespace mpi_podman {

/// How GoogleTest prints one.
inline void PrintTo(const Ending& ending, std::ostream* out) {
    *out << "status " << ending.status << ", signal " << ending.signal;
}

}  // namespace mpi_podman

namespace mpi_podman::test {

/// How mpi-podman ended and what it wrote.
struct Outcome {
    Ending ending;
    std::string out, err;
};

/// A started mpi-podman.
class Started {
public:
    Started(pid_t pid, std::string out, std::string err)
        : pid_(pid), out_(std::move(out)), err_(std::move(err)) {}
    [[nodiscard]] pid_t pid() const { return pid_; }
    [[nodiscard]] std::string err() const { return content_of(err_); }
    void signal(int number) const { ::kill(pid_, number); }

    /// Waits for its end; one that takes longer than any test should is killed, and fails it.
    Outcome end() const {
        const Fd process = pidfd_of(pid_);
        pollfd ended{process.get(), POLLIN, 0};
        if (::poll(&ended, 1, 20000) != 1) {
            ADD_FAILURE() << "mpi-podman does not end";
            ::kill(pid_, SIGKILL);
        }
        int status = 0;
        ::waitpid(pid_, &status, 0);
        const Ending ending =
            WIFSIGNALED(status) ? Ending{0, WTERMSIG(status)} : Ending{WEXITSTATUS(status), 0};
        return {ending, content_of(out_), content_of(err_)};
    }

private:
    pid_t pid_;
    std::string out_, err_;
};

class Job : public testing::Test {
protected:
    Job() {
        for (const char* place : {"runtime", "session", "work"}) {
            ::chmod(home.directory(place).c_str(), 0700);
        }
    }

    /// What Open MPI 4's mpirun sets for rank `rank` of two on one node.
    void in_a_job_of_two(int rank) {
        const auto number = std::to_string(rank);
        for (const auto& [name, value] :
             std::map<std::string, std::string>{{"OMPI_COMM_WORLD_RANK", number},
                                                {"OMPI_COMM_WORLD_SIZE", "2"},
                                                {"OMPI_COMM_WORLD_LOCAL_RANK", number},
                                                {"OMPI_COMM_WORLD_LOCAL_SIZE", "2"},
                                                {"OMPI_MCA_orte_hnp_uri", "1.0;tcp://127.0.0.1:1"},
                                                {"OMPI_MCA_orte_local_daemon_uri", "1.0;tcp://127.0.0.1:1"},
                                                {"OMPI_MCA_orte_jobfam_session_dir", home / "session"},
                                                {"PMIX_NAMESPACE", "4711"},
                                                {"PMIX_RANK", number},
                                                {"PMIX_SERVER_URI2", "1.0;tcp4://127.0.0.1:1"}}) {
            environment[name] = value;
        }
    }

    /// Starts `mpi-podman --per-rank OPTIONS img cmd` (a podman of scripts makes no container to enter) in
    /// `work`; `before` runs in the process that becomes it.
    Started start(
        const std::vector<std::string>& options = {}, const std::function<void()>& before = [] {}) {
        const auto name = std::to_string(++started_);
        const auto out = home.file("out" + name);
        const auto err = home.file("err" + name);
        std::vector<std::string> argv{MPI_PODMAN_BINARY, "--per-rank", "--podman", podman_path};
        argv.insert(argv.end(), options.begin(), options.end());
        argv.insert(argv.end(), {"img", "cmd"});
        const pid_t pid = start_child([&] {
            ::chdir((home / "work").c_str());
            ::dup2(::open("/dev/null", O_RDONLY | O_CLOEXEC), STDIN_FILENO);
            ::dup2(::open(out.c_str(), O_WRONLY | O_APPEND | O_CLOEXEC), STDOUT_FILENO);
            ::dup2(::open(err.c_str(), O_WRONLY | O_APPEND | O_CLOEXEC), STDERR_FILENO);
            before();
            return execute(argv);
        });
        return {pid, out, err};
    }
    Outcome run(
        const std::vector<std::string>& options = {}, const std::function<void()>& before = [] {}) {
        return start(options, before).end();
    }

    /// The one line that a failure is, without its prefix and node.
    static std::string line_of(const Outcome& outcome) {
        const std::string prefix = "mpi-podman: ";
        const auto node = outcome.err.find(": ", prefix.size());
        EXPECT_TRUE(outcome.err.starts_with(prefix) && node != std::string::npos) << outcome.err;
        EXPECT_EQ(std::count(outcome.err.begin(), outcome.err.end(), '\n'), 1) << outcome.err;
        EXPECT_EQ(outcome.err.back(), '\n') << outcome.err;
        return node == std::string::npos ? outcome.err
                                         : outcome.err.substr(node + 2, outcome.err.size() - node - 3);
    }

    /// Nothing of ours is left in any place a job's directory may be.
    void expect_nothing_left() const {
        EXPECT_EQ(names_in(home / "runtime"), std::vector<std::string>{});
        EXPECT_EQ(names_in(home / "session"), std::vector<std::string>{});
        EXPECT_FALSE(std::filesystem::exists(home / ".cache/mpi-podman"));
    }

    /// How many of podman's calls hold this word.
    [[nodiscard]] std::ptrdiff_t calls_of(const std::string& word) const {
        const auto calls = podman.calls();
        return std::count_if(calls.begin(), calls.end(), [&](const auto& call) {
            return (" " + call + " ").find(" " + word + " ") != std::string::npos;
        });
    }

    /// Whether this process ends soon, or has.
    static bool ends(const Fd& process) {
        pollfd ended{process.get(), POLLIN, 0};
        return !process || ::poll(&ended, 1, 20000) == 1;
    }
    /// The process whose number a script wrote to `file`.
    [[nodiscard]] Fd process_of(const std::string& file) const {
        wait_until([&] { return content_of(home / file).ends_with("\n"); }, file.c_str());
        return pidfd_of(std::stoi(content_of(home / file)));
    }
    /// Waits until something is so; fails after longer than any test should take.
    static void wait_until(const std::function<bool()>& is_so, const char* what) {
        for (int i = 0; i < 2000 && !is_so(); ++i) {
            ::poll(nullptr, 0, 10);
        }
        EXPECT_TRUE(is_so()) << what;
    }

    TemporaryDirectory home;
    FakePodman podman{home};
    std::string podman_path = podman.path();
    std::map<std::string, std::string> environment{
        {"HOME", home.path()}, {"PATH", "/usr/bin:/bin"}, {"XDG_RUNTIME_DIR", home / "runtime"}};

private:
    int execute(std::vector<std::string>& argv) const {
        std::vector<std::string> block;
        for (const auto& [name, value] : environment) {
            block.push_back(name + "=" + value);
        }
        std::vector<char*> words;
        std::vector<char*> variables;
        std::transform(argv.begin(), argv.end(), std::back_inserter(words),
                       [](auto& word) { return word.data(); });
        std::transform(block.begin(), block.end(), std::back_inserter(variables),
                       [](auto& entry) { return entry.data(); });
        words.push_back(nullptr);
        variables.push_back(nullptr);
        ::execve(words.front(), words.data(), variables.data());
        return 99;
    }
    int started_ = 0;
};

}  // namespace mpi_podman::test
