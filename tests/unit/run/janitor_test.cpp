// What is removed behind the ranks of a job, however they went.
#include "run/janitor.hpp"

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <csignal>
#include <ctime>
#include <functional>
#include <iostream>

#include "run/member_notes.hpp"
#include "sys/process.hpp"
#include "unit/child_process.hpp"
#include "unit/fake_podman.hpp"
#include "unit/run/job_directory_fixture.hpp"

namespace mpi_podman {
namespace {

using Words = std::vector<std::string>;
using std::filesystem::exists;

/// A janitor is a process of its own.
bool eventually(const std::function<bool()>& holds) {
    for (int look = 0; look < 1000 && !holds(); ++look) {
        ::usleep(10'000);
    }
    return holds();
}

class JanitorOf : public test::JobDirectoryTest {};

TEST_F(JanitorOf, WhoDiesBeforeItsMembershipLeavesNothing) {
    const int status = test::end_of_child(test::start_child([&] {
        const auto founded = found_directory(base(), "job", 2, ::getppid());
        ::_exit(founded && founded->why == Founded::there && exists(job()) ? 0 : 1);
        return 1;
    }));
    EXPECT_EQ(status, 0);
    EXPECT_TRUE(eventually([&] { return !exists(base()); }));
}

TEST_F(JanitorOf, StaysUntilWhoeverHadItMadeIsAMember) {
    auto founded = found_directory(base(), "job", 2, ::getppid());
    ASSERT_TRUE(founded && founded->why == Founded::there);
    ::usleep(100'000);
    EXPECT_TRUE(exists(job()));
    const auto first = rank(2);
    founded->until_member.reset();
    ::usleep(100'000);
    EXPECT_TRUE(exists(job()));
}

/// The janitor that has this file open.
pid_t janitor_with(const std::string& file) {
    for (const auto pid : all_processes()) {
        const auto process = "/proc/" + std::to_string(pid);
        std::error_code gone;
        for (const auto& fd : std::filesystem::directory_iterator(process + "/fd", gone)) {
            if (std::filesystem::read_symlink(fd, gone) == file &&
                read_file(process + "/comm").value_or("") == "job-janitor\n") {
                return pid;
            }
        }
    }
    return -1;
}

TEST_F(JanitorOf, IsNotEndedByTheSignalsThatEndTheJob) {
    const auto ours = rank(1);
    const auto janitor = pidfd_of(janitor_with(job() + "/members"));
    ASSERT_TRUE(janitor);
    for (const int number : {SIGTERM, SIGINT, SIGHUP, SIGQUIT}) {
        EXPECT_TRUE(signal_pidfd(janitor, number));
        EXPECT_FALSE(ended_within(janitor, std::chrono::milliseconds(100))) << number;
    }
}

TEST_F(JanitorOf, WhatPodmanForgetsOfAContainerGoesToo) {
    const auto forgotten = home.directory("run-root/id");
    home.file("run-root/id/userdata");
    home.file("run-root/another");
    test::end_of_child(test::start_child([&] {
        const auto ours = rank(1);
        ours.note_run_paths({forgotten});
        ::_exit(0);  // as one that is killed
        return 0;
    }));
    EXPECT_TRUE(eventually([&] { return !exists(forgotten); }));
    EXPECT_EQ(test::names_in(home / "run-root"), Words{"another"});
}

TEST_F(JanitorOf, ARuntimeThatStartsAContainerPodmanHasForgottenIsEnded) {
    const test::FakePodman podman(home);
    const std::string id(64, 'b');
    podman.on("inspect", "exit 125");
    podman.on("exists", "exit 1");
    auto runtime = spawn({{"sh", "-c", "sleep 1000; :", "crun", "start", id}, -1, -1, -1, {}, true});
    ASSERT_TRUE(runtime);
    test::end_of_child(test::start_child([&] {
        const auto ours = rank(1);
        home.file("base/job/box.id", id);
        ours.note_container(podman.path(), "box");
        ::_exit(0);  // as one that is killed
        return 0;
    }));
    EXPECT_TRUE(runtime->ends_within(std::chrono::seconds(10)));
    ::kill(-runtime->pid(), SIGKILL);
    EXPECT_EQ(runtime->wait(), (Ending{0, SIGKILL}));
    EXPECT_TRUE(eventually([&] { return !exists(job()); }));
}

TEST_F(JanitorOf, WhatPodmanMadeToMountOverItGoesTooUnlessItIsUsed) {
    const auto made = home.directory("cache/mpi-podman");
    home.file("used/by-another-job");
    {
        const auto last = rank(1);
        last.note_hidden({made, home / "used", home / "gone"});
    }
    EXPECT_FALSE(exists(made)) << "the last member removes it";
    EXPECT_TRUE(exists(home / "used/by-another-job"));
    static_cast<void>(home.directory("cache/mpi-podman"));
    test::end_of_child(test::start_child([&] {
        const auto ours = rank(1);
        ours.note_hidden({made, home / "used"});
        ::_exit(0);  // as one that is killed
        return 0;
    }));
    EXPECT_TRUE(eventually([&] { return !exists(made); })) << "the janitor does";
    EXPECT_TRUE(exists(home / "used/by-another-job"));
}

TEST_F(JanitorOf, WhatALauncherLeavesOfItGoesToo) {
    const int status = test::end_of_child(test::start_child([&] {
        const auto ours = rank(1);
        const bool left = ::symlink("/nowhere", (job() + "/socket").c_str()) == 0 &&
                          ::unlink((job() + "/members").c_str()) == 0;
        ::_exit(left ? 0 : 1);
        return 1;
    }));
    EXPECT_EQ(status, 0);
    EXPECT_TRUE(eventually([&] { return !exists(base()); }));
}

TEST_F(JanitorOf, WhatALastMemberLeftThatDiedAsItRemovedItGoesToo) {
    const int status = test::end_of_child(test::start_child([&] {
        auto ours = rank(1);
        const Fd members(::open((job() + "/members").c_str(), O_RDWR | O_APPEND | O_CLOEXEC));
        const bool died = note(members, left) && ::unlink((job() + "/members").c_str()) == 0;
        ::_exit(died ? 0 : 1);
        return 1;
    }));
    EXPECT_EQ(status, 0);
    EXPECT_TRUE(eventually([&] { return !exists(base()); }));
}

TEST_F(JanitorOf, IsMadeOnceHoweverManyFoundIt) {
    const auto ours = found_directory(base(), "job", 1, ::getppid());
    const auto another = found_directory(base(), "job", 1, ::getppid());
    EXPECT_EQ(ours->why, Founded::there);
    EXPECT_EQ(another->why, Founded::there);
    { const auto only = rank(1); }
    EXPECT_FALSE(exists(base())) << "whose janitor waits for ours";
}

/// Lets it look as if it was last written so many seconds ago.
void age(const std::string& path, time_t seconds) {
    const timespec then{::time(nullptr) - seconds, 0};
    const timespec times[] = {then, then};
    ASSERT_EQ(::utimensat(AT_FDCWD, path.c_str(), times, 0), 0);
}

TEST_F(JanitorOf, AnAbandonedJobIsSweptAway) {
    { const auto killed = rank(2, "abandoned"); }
    { const auto killed = rank(2, "young"); }
    age(base() + "/abandoned/members", 100);
    age(base() + "/young/members", 10);
    home.file("base/file");
    static_cast<void>(home.directory("base/no-job"));
    age(home.directory("base/never-begun"), 100);
    home.file("base/not-ours/file");
    age(base() + "/not-ours", 100);
    const auto ours = rank(1);
    EXPECT_FALSE(exists(base() + "/never-begun"));
    EXPECT_TRUE(eventually([&] { return !exists(base() + "/abandoned"); }));
    EXPECT_EQ(test::names_in(base()), (Words{"file", "job", "no-job", "not-ours", "young"}));
}

TEST_F(JanitorOf, ALongRunningJobIsNotSweptAway) {
    const auto old = rank(1, "old");
    age(base() + "/old/members", 100000);
    const auto ours = rank(1);
    EXPECT_EQ(test::names_in(base()), (Words{"job", "old"}));
}

TEST_F(JanitorOf, RanksThatComeAndGoNeverMeetsAHalfRemovedOne) {
    // Nobody told their number, so that each that is alone removes it under the next.
    std::vector<pid_t> ranks;
    for (int i = 0; i < 4; ++i) {
        ranks.push_back(test::start_child([&] {
            for (int round = 0; round < 200; ++round) {
                auto joined = JobDirectory::join({base()}, "job", 0);
                const auto answer = joined ? joined->once("q", [] { return std::string("x"); })
                                           : Result<std::string>(failure(joined.error()));
                if (!answer || *answer != "x") {
                    std::cerr << (answer ? *answer : answer.error().message) << '\n';
                    return 1;
                }
            }
            return 0;
        }));
    }
    for (const pid_t pid : ranks) {
        EXPECT_EQ(test::end_of_child(pid), 0);
    }
    EXPECT_FALSE(exists(base()));
}

}  // namespace
}  // namespace mpi_podman
