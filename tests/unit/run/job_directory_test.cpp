// Who is in a job's directory, and when it goes.
#include "run/job_directory.hpp"

#include <sys/resource.h>
#include <unistd.h>

#include "unit/child_process.hpp"
#include "unit/run/job_directory_fixture.hpp"

namespace mpi_podman {
namespace {

using Words = std::vector<std::string>;
using std::filesystem::exists;

class JobDirectoryOf : public test::JobDirectoryTest {};

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

}  // namespace
}  // namespace mpi_podman
