// What the ranks of a job share, and when it goes.
#include "run/job_directory.hpp"

#include <fcntl.h>
#include <gtest/gtest.h>
#include <sys/file.h>
#include <sys/resource.h>
#include <sys/stat.h>

#include <ctime>
#include <iostream>

#include "run/janitor.hpp"
#include "unit/child_process.hpp"
#include "unit/temporary_directory.hpp"

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

class JobDirectoryOf : public testing::Test {
protected:
    /// A rank of a job that has so many on this node.
    [[nodiscard]] JobDirectory rank(std::uint32_t local_size, const std::string& job = "job") const {
        return JobDirectory::join({base()}, job, local_size).value();
    }
    [[nodiscard]] std::string base() const { return home / "base"; }
    [[nodiscard]] std::string job() const { return home / "base/job"; }

    /// Runs `code` in eight processes at once, each a rank of the job; returns their statuses' sum.
    [[nodiscard]] int sum_of_eight(const std::function<int(const JobDirectory&)>& code) const {
        std::vector<pid_t> ranks;
        for (int i = 0; i < 8; ++i) {
            ranks.push_back(test::start_child([&] {
                auto directory = rank(8);
                const int status = code(directory);
                directory.leave();
                return status;
            }));
        }
        int sum = 0;
        for (const pid_t pid : ranks) {
            sum += test::end_of_child(pid);
        }
        return sum;
    }

    test::TemporaryDirectory home;
};

TEST_F(JobDirectoryOf, TheLastRankGoesWithIt) {
    auto first = rank(2);
    auto second = rank(2);
    first.leave();
    EXPECT_TRUE(exists(job()));
    second.leave();
    EXPECT_FALSE(exists(job()));
    EXPECT_FALSE(exists(base()));
}

TEST_F(JobDirectoryOf, RanksThatAreStillToComeStays) {
    { const auto first = rank(3); }
    { const auto second = rank(3); }
    EXPECT_TRUE(exists(job()));
    { const auto third = rank(3); }
    EXPECT_FALSE(exists(job()));
}

TEST_F(JobDirectoryOf, AnUnknownNumberOfRanksGoesWhenNobodyIsInIt) {
    { const auto only = rank(0); }
    EXPECT_FALSE(exists(job()));
}

TEST_F(JobDirectoryOf, ARankIsLeftOnce) {
    auto first = rank(1);
    first.leave();
    auto again = rank(2);
    first.leave();
    const auto moved = std::move(again);
    again.leave();  // NOLINT(bugprone-use-after-move): owns nothing now
    EXPECT_TRUE(exists(job()));
}

TEST_F(JobDirectoryOf, ARankHoldsMoreThanTheMembership) {
    auto only = rank(1);
    ASSERT_TRUE(only.once("image-1", [] { return std::string("x"); }));
    ASSERT_TRUE(only.is_first_to_say("y"));
    std::filesystem::create_directory(only.path() + "/rank-1");
    only.leave();
    EXPECT_FALSE(exists(base()));
}

TEST_F(JobDirectoryOf, AnotherJobKeepsTheBase) {
    auto ours = rank(1);
    const auto other = rank(1, "other");
    ours.leave();
    EXPECT_FALSE(exists(job()));
    EXPECT_EQ(test::names_in(base()), Words{"other"});
}

TEST_F(JobDirectoryOf, AMemberIsHeldByAForkedProcessToo) {
    auto ours = rank(2);
    auto pipe = make_pipe();
    const pid_t guard = test::start_child([&] {
        pipe->write_end.reset();
        char byte = 0;
        return static_cast<int>(::read(pipe->read_end.get(), &byte, 1));  // lives on, as the guard does
    });
    { const auto neighbour = rank(2); }
    EXPECT_TRUE(exists(job())) << "we are in it";
    ours.leave();
    EXPECT_FALSE(exists(job())) << "the fork shares our membership, it has none of its own";
    pipe->write_end.reset();
    EXPECT_EQ(test::end_of_child(guard), 0);
}

TEST_F(JobDirectoryOf, ALockIsHeldByOneProcessAtATime) {
    const auto count = home / "count";
    const int wrong = sum_of_eight([&](const JobDirectory& directory) {
        const auto lock = directory.lock("lock");
        const auto so_far = read_file(count).value_or("");
        return lock && write_file(count, so_far + "+") ? 0 : 1;
    });
    EXPECT_EQ(wrong, 0);
    EXPECT_EQ(test::content_of(count), "++++++++");
}

TEST_F(JobDirectoryOf, ALockThatCannotBeMadeIsAFailureThatNamesIt) {
    const auto ours = rank(1);
    const auto lock = ours.lock("no/such/lock");
    ASSERT_FALSE(lock);
    EXPECT_NE(lock.error().message.find(job() + "/no/such/lock"), std::string::npos) << lock.error().message;
    EXPECT_FALSE(lock.error().hint.empty());
}

TEST_F(JobDirectoryOf, AnAnswerIsFoundOutOnceAmongProcesses) {
    const int wrong = sum_of_eight([&](const JobDirectory& directory) {
        const auto answer = directory.once("question", [&] {
            const Fd count(::open((home / "count").c_str(), O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC, 0600));
            write_all(count.get(), "+");
            return std::string("the\0answer\n", 11);
        });
        return answer && *answer == std::string("the\0answer\n", 11) ? 0 : 1;
    });
    EXPECT_EQ(wrong, 0);
    EXPECT_EQ(test::content_of(home / "count"), "+");
}

TEST_F(JobDirectoryOf, TwoQuestionsHaveTwoAnswers) {
    const auto ours = rank(1);
    EXPECT_EQ(ours.once("a", [] { return std::string("1"); }).value(), "1");
    EXPECT_EQ(ours.once("b", [] { return std::string("2"); }).value(), "2");
    EXPECT_EQ(ours.once("a", [] { return std::string("3"); }).value(), "1");
    EXPECT_EQ(ours.once("empty", [] { return std::string(); }).value(), "");
    EXPECT_EQ(ours.once("empty", [] { return std::string("4"); }).value(), "");
}

TEST_F(JobDirectoryOf, AQuestionPassesToTheNextWhereTheFirstDied) {
    const auto ours = rank(2);
    EXPECT_EQ(test::in_child([&] {
                  const auto theirs = rank(2);
                  static_cast<void>(theirs.once("q", []() -> std::string { ::_exit(9); }));
                  return 0;
              }),
              9);
    EXPECT_EQ(ours.once("q", [] { return std::string("ours"); }).value(), "ours");
}

TEST_F(JobDirectoryOf, AnAnswerThatCannotBeKeptIsAFailure) {
    const auto ours = rank(1);
    std::filesystem::remove_all(job());
    const auto answer = ours.once("q", [] { return std::string("x"); });
    ASSERT_FALSE(answer);
    EXPECT_EQ(answer.error().status, Status::ours);
    EXPECT_NE(answer.error().message.find(job() + "/q"), std::string::npos) << answer.error().message;
}

TEST_F(JobDirectoryOf, AMessageIsSaidByOneOfManyProcesses) {
    EXPECT_EQ(sum_of_eight([](const JobDirectory& directory) {
                  return directory.is_first_to_say("it broke") ? 1 : 0;
              }),
              1);
}

TEST_F(JobDirectoryOf, TwoMessagesAreSaidBoth) {
    const auto ours = rank(1);
    EXPECT_TRUE(ours.is_first_to_say("it broke"));
    EXPECT_FALSE(ours.is_first_to_say("it broke"));
    EXPECT_TRUE(ours.is_first_to_say("it broke too"));
}

TEST_F(JobDirectoryOf, AMessageIsRatherSaidTwiceThanLost) {
    const auto ours = rank(1);
    std::filesystem::remove_all(job());
    EXPECT_TRUE(ours.is_first_to_say("it broke"));
}

TEST_F(JobDirectoryOf, WhereNoFileCanBeOpenedTheFailureSaysSoAndNothingIsLeft) {
    rlimit before{};
    ::getrlimit(RLIMIT_NOFILE, &before);
    const rlimit none{0, before.rlim_max};
    ::setrlimit(RLIMIT_NOFILE, &none);
    const auto joined = JobDirectory::join({base()}, "job", 1);
    ::setrlimit(RLIMIT_NOFILE, &before);
    ASSERT_FALSE(joined);
    EXPECT_EQ(joined.error().message, "cannot keep the job's files in " + job() + ": Too many open files");
    EXPECT_EQ(joined.error().hint, "raise the limit of open files: ulimit -n");
    EXPECT_FALSE(exists(base()));
}

TEST_F(JobDirectoryOf, WhoDiesBeforeItsMembershipLeavesNothing) {
    const int status = test::end_of_child(test::start_child([&] {
        const auto founded = found_directory(base(), "job", 2, ::getppid());
        ::_exit(founded && founded->why == Founded::there && exists(job()) ? 0 : 1);
        return 1;
    }));
    EXPECT_EQ(status, 0);
    EXPECT_TRUE(eventually([&] { return !exists(base()); }));
}

TEST_F(JobDirectoryOf, StaysUntilWhoeverHadItMadeIsAMember) {
    auto founded = found_directory(base(), "job", 2, ::getppid());
    ASSERT_TRUE(founded && founded->why == Founded::there);
    ::usleep(100'000);
    EXPECT_TRUE(exists(job()));
    const auto first = rank(2);
    founded->until_member.reset();
    ::usleep(100'000);
    EXPECT_TRUE(exists(job()));
}

TEST_F(JobDirectoryOf, WhatPodmanForgetsOfAContainerGoesToo) {
    const auto forgotten = home.directory("run-root/id");
    home.file("run-root/id/userdata");
    home.file("run-root/another");
    test::end_of_child(test::start_child([&] {
        const auto ours = rank(1);
        ours.note_bundle(home / "storage/id", forgotten);
        ::_exit(0);  // as one that is killed
        return 0;
    }));
    EXPECT_TRUE(eventually([&] { return !exists(forgotten); }));
    EXPECT_EQ(test::names_in(home / "run-root"), Words{"another"});
}

TEST_F(JobDirectoryOf, WhatALauncherLeavesOfItGoesToo) {
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

TEST_F(JobDirectoryOf, IsMadeOnceHoweverManyFoundIt) {
    const auto ours = found_directory(base(), "job", 1, ::getppid());
    const auto another = found_directory(base(), "job", 1, ::getppid());
    EXPECT_EQ(ours->why, Founded::there);
    EXPECT_EQ(another->why, Founded::there);
    { const auto only = rank(1); }
    EXPECT_FALSE(exists(base())) << "whose janitor waits for ours";
}

/// Lets the membership file look as if the last rank came so many seconds ago.
void age(const std::string& job, time_t seconds) {
    const timespec then{::time(nullptr) - seconds, 0};
    const timespec times[] = {then, then};
    ASSERT_EQ(::utimensat(AT_FDCWD, (job + "/members").c_str(), times, 0), 0);
}

TEST_F(JobDirectoryOf, AnAbandonedJobIsSweptAway) {
    { const auto killed = rank(2, "abandoned"); }
    { const auto killed = rank(2, "young"); }
    age(base() + "/abandoned", 100);
    age(base() + "/young", 10);
    home.file("base/file");
    static_cast<void>(home.directory("base/no-job"));
    const auto ours = rank(1);
    EXPECT_TRUE(eventually([&] { return !exists(base() + "/abandoned"); }));
    EXPECT_EQ(test::names_in(base()), (Words{"file", "job", "no-job", "young"}));
}

TEST_F(JobDirectoryOf, ALongRunningJobIsNotSweptAway) {
    const auto old = rank(1, "old");
    age(base() + "/old", 100000);
    const auto ours = rank(1);
    EXPECT_EQ(test::names_in(base()), (Words{"job", "old"}));
}

TEST_F(JobDirectoryOf, RanksThatComeAndGoNeverMeetsAHalfRemovedOne) {
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
