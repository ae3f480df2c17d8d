#include "run/container.hpp"

#include <gtest/gtest.h>
#include <poll.h>
#include <sched.h>
#include <unistd.h>

#include <csignal>

#include "sys/process.hpp"
#include "unit/child_process.hpp"
#include "unit/fake_podman.hpp"

namespace mpi_podman {
namespace {

/// A process in a mount namespace of its own, as a container's is, that does `code` and then waits to be
/// killed.
class FakeContainer {
public:
    explicit FakeContainer(const std::function<void()>& code = [] {}) {
        auto ready = make_pipe();
        pid_ = test::start_child([&] {
            if (::unshare(::geteuid() == 0 ? CLONE_NEWNS : CLONE_NEWUSER | CLONE_NEWNS) != 0) {
                return 1;
            }
            code();
            write_all(ready->write_end.get(), "x");
            ready->write_end.reset();
            ::pause();
            return 0;
        });
        ready->write_end.reset();
        char byte = 0;
        EXPECT_EQ(::read(ready->read_end.get(), &byte, 1), 1) << "no mount namespaces here?";
    }
    FakeContainer(const FakeContainer&) = delete;
    FakeContainer& operator=(const FakeContainer&) = delete;
    ~FakeContainer() {
        if (pid_ > 0) {
            ::kill(pid_, SIGKILL);
            test::end_of_child(pid_);
        }
    }
    [[nodiscard]] pid_t pid() const { return pid_; }
    int end() { return test::end_of_child(std::exchange(pid_, -1)); }

private:
    pid_t pid_ = -1;
};

TEST(Container, IsNoneByDefault) {
    const Container none;
    EXPECT_FALSE(none);
    EXPECT_EQ(none.pidfd(), -1);
    EXPECT_FALSE(none.kill_all());
    none.signal(SIGKILL);
}

TEST(Container, IsNeverWhatSharesOurMountNamespace) {
    EXPECT_FALSE(Container::of(::getpid()));
    EXPECT_FALSE(Container::of(::getppid()));
}

TEST(Container, IsNoneWhereTheProcessIsGone) {
    const pid_t pid = test::start_child([] { return 0; });
    test::end_of_child(pid);
    EXPECT_FALSE(Container::of(pid));
    EXPECT_FALSE(Container::of(-1));
}

TEST(Container, TellsItsRanksEnd) {
    FakeContainer fake;
    const auto container = Container::of(fake.pid());
    ASSERT_TRUE(container);
    EXPECT_EQ(container.pid(), fake.pid());
    pollfd ended{container.pidfd(), POLLIN, 0};
    EXPECT_EQ(::poll(&ended, 1, 0), 0);
    container.signal(SIGTERM);
    EXPECT_EQ(fake.end(), 128 + SIGTERM);
    EXPECT_EQ(::poll(&ended, 1, 0), 1);
}

TEST(Container, IsStoppedByTstpUnlessTheRankCatchesIt) {
    FakeContainer fake;
    Container::of(fake.pid()).signal(SIGTSTP);
    int status = 0;
    ASSERT_EQ(::waitpid(fake.pid(), &status, WUNTRACED), fake.pid());
    EXPECT_TRUE(WIFSTOPPED(status));
    EXPECT_EQ(WSTOPSIG(status), SIGSTOP);

    FakeContainer catching([] { ::signal(SIGTSTP, [](int) { ::_exit(7); }); });
    Container::of(catching.pid()).signal(SIGTSTP);
    EXPECT_EQ(catching.end(), 7);
}

TEST(Container, TakesEveryProcessInItAlongAndNoOther) {
    auto pipe = make_pipe();
    FakeContainer fake([&] {
        ::signal(SIGTERM, SIG_IGN);
        if (::fork() == 0) {
            ::setsid();
            if (::fork() == 0) {
                ::pause();  // a daemon: no parent, no session
            }
            ::_exit(0);
        }
    });
    FakeContainer other;
    pipe->write_end.reset();  // held by the processes of the fake ones from here on
    EXPECT_TRUE(Container::of(fake.pid()).kill_all());
    EXPECT_EQ(fake.end(), 128 + SIGKILL);
    EXPECT_EQ(::kill(other.pid(), 0), 0);
    ::kill(other.pid(), SIGKILL);
    other.end();
    char byte = 0;
    EXPECT_EQ(::read(pipe->read_end.get(), &byte, 1), 0) << "the daemon's end of the pipe is closed";
}

TEST(Container, HasNobodyToKillOnceAllAreGone) {
    FakeContainer fake;
    const auto container = Container::of(fake.pid());
    ::kill(fake.pid(), SIGKILL);
    fake.end();
    EXPECT_FALSE(container.kill_all());
}

TEST(RemoveContainer, AsksPodmanUntilItKnowsItNoMore) {
    const test::TemporaryDirectory home;
    const test::FakePodman podman(home);
    podman.on("exists", "echo x >>" + home / "asked" + "; test $(wc -l <" + home / "asked" +
                            ") -ge 3 && exit 1; exit 0");
    remove_container(podman.path(), "name");
    const std::string quiet = "--log-level=error --cgroup-manager=cgroupfs --events-backend=none ";
    std::vector<std::string> removals;
    for (const auto& call : podman.calls()) {
        if (call.find(" rm ") != std::string::npos) {
            removals.push_back(call);
        }
    }
    EXPECT_EQ(removals, std::vector<std::string>(3, quiet + "rm --force --depend --ignore --time=0 name"));
}

TEST(RemoveContainer, EndsARuntimeThatWaitsForItsFirstProcess) {
    const test::TemporaryDirectory home;
    const test::FakePodman podman(home);
    const std::string id(64, 'a');
    podman.on("inspect", "echo 'true " + id + "'");
    podman.on("exists", "exit 1");
    auto runtime = spawn({{"sh", "-c", "sleep 1000; :", "crun", "start", id}, -1, -1, -1, {}, true});
    auto other = spawn({{"sh", "-c", "sleep 1000; :", "crun", "start", id + "a"}, -1, -1, -1, {}, true});
    ASSERT_TRUE(runtime && other);
    remove_container(podman.path(), "name");
    EXPECT_EQ(runtime->wait(), (Ending{0, SIGKILL}));
    EXPECT_FALSE(ended_within(pidfd_of(other->pid()), std::chrono::milliseconds(0)));
    ::kill(-runtime->pid(), SIGKILL);
    ::kill(-other->pid(), SIGKILL);
}

/// Says so twice, then works.
void at_a_limit(const test::FakePodman& podman, const test::TemporaryDirectory& home) {
    podman.on("exists", "test $(wc -l <" + home / "asked" + ") -ge 3 && exit 1; exit 0");
    podman.on("rm",
              "echo x >>" + home / "asked" + "; test $(wc -l <" + home / "asked" +
                  ") -ge 3 && exit 0; "
                  "echo 'Error: fork/exec /usr/bin/crun: resource temporarily unavailable' >&2; exit 126");
}

TEST(RemoveContainer, AwaitsTheEndOfALimitThatOthersReached) {
    const test::TemporaryDirectory home;
    const test::FakePodman podman(home);
    at_a_limit(podman, home);
    EXPECT_TRUE(
        remove_container(podman.path(), "name", std::chrono::steady_clock::now() + std::chrono::minutes(1)));
}

TEST(RemoveContainer, TriesAgainAtALimitAlsoWhereNoTimeIsGiven) {
    const test::TemporaryDirectory home;
    const test::FakePodman podman(home);
    at_a_limit(podman, home);
    EXPECT_TRUE(remove_container(podman.path(), "name"));
}

TEST(RemoveContainer, TakesAPodmansWordThatItIsGoneAlsoWhereItsRemovalFailed) {
    const test::TemporaryDirectory home;
    const test::FakePodman podman(home);
    at_a_limit(podman, home);
    podman.on("exists", "exit 1");
    EXPECT_TRUE(remove_container(podman.path(), "name"));
    EXPECT_EQ(test::content_of(home / "asked"), "x\n");
}

TEST(RemoveContainer, GivesUpOnAPodmanThatIsGone) {
    remove_container("/no/such/podman", "name");  // and returns
}

}  // namespace
}  // namespace mpi_podman
