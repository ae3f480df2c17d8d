// What the ranks of a job agree on by their directory: a lock, an answer, who says a message.

#include <fcntl.h>
#include <unistd.h>

#include <functional>

#include "unit/child_process.hpp"
#include "unit/run/job_directory_fixture.hpp"

namespace mpi_podman {
namespace {

class JobAgreements : public test::JobDirectoryTest {
protected:
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
};

TEST_F(JobAgreements, ALockIsHeldByOneProcessAtATime) {
    const auto count = home / "count";
    const int wrong = sum_of_eight([&](const JobDirectory& directory) {
        const auto lock = directory.lock("lock");
        const auto so_far = read_file(count).value_or("");
        return lock && write_file(count, so_far + "+") ? 0 : 1;
    });
    EXPECT_EQ(wrong, 0);
    EXPECT_EQ(test::content_of(count), "++++++++");
}

TEST_F(JobAgreements, ALockThatCannotBeMadeIsAFailureThatNamesIt) {
    const auto ours = rank(1);
    const auto lock = ours.lock("no/such/lock");
    ASSERT_FALSE(lock);
    EXPECT_NE(lock.error().message.find(job() + "/no/such/lock"), std::string::npos) << lock.error().message;
    EXPECT_FALSE(lock.error().hint.empty());
}

TEST_F(JobAgreements, AnAnswerIsFoundOutOnceAmongProcesses) {
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

TEST_F(JobAgreements, TwoQuestionsHaveTwoAnswers) {
    const auto ours = rank(1);
    EXPECT_EQ(ours.once("a", [] { return std::string("1"); }).value(), "1");
    EXPECT_EQ(ours.once("b", [] { return std::string("2"); }).value(), "2");
    EXPECT_EQ(ours.once("a", [] { return std::string("3"); }).value(), "1");
    EXPECT_EQ(ours.once("empty", [] { return std::string(); }).value(), "");
    EXPECT_EQ(ours.once("empty", [] { return std::string("4"); }).value(), "");
}

TEST_F(JobAgreements, AQuestionPassesToTheNextWhereTheFirstDied) {
    const auto ours = rank(2);
    EXPECT_EQ(test::in_child([&] {
                  const auto theirs = rank(2);
                  static_cast<void>(theirs.once("q", []() -> std::string { ::_exit(9); }));
                  return 0;
              }),
              9);
    EXPECT_EQ(ours.once("q", [] { return std::string("ours"); }).value(), "ours");
}

TEST_F(JobAgreements, AnAnswerThatCannotBeKeptIsAFailure) {
    const auto ours = rank(1);
    std::filesystem::remove_all(job());
    const auto answer = ours.once("q", [] { return std::string("x"); });
    ASSERT_FALSE(answer);
    EXPECT_EQ(answer.error().status, Status::ours);
    EXPECT_NE(answer.error().message.find(job() + "/q"), std::string::npos) << answer.error().message;
}

TEST_F(JobAgreements, AMessageIsSaidByOneOfManyProcesses) {
    EXPECT_EQ(sum_of_eight([](const JobDirectory& directory) {
                  return directory.is_first_to_say("it broke") ? 1 : 0;
              }),
              1);
}

TEST_F(JobAgreements, TwoMessagesAreSaidBoth) {
    const auto ours = rank(1);
    EXPECT_TRUE(ours.is_first_to_say("it broke"));
    EXPECT_FALSE(ours.is_first_to_say("it broke"));
    EXPECT_TRUE(ours.is_first_to_say("it broke too"));
}

TEST_F(JobAgreements, AMessageIsRatherSaidTwiceThanLost) {
    const auto ours = rank(1);
    std::filesystem::remove_all(job());
    EXPECT_TRUE(ours.is_first_to_say("it broke"));
}

}  // namespace
}  // namespace mpi_podman
