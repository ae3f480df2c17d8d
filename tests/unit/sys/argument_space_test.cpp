#include "sys/argument_space.hpp"

#include <fcntl.h>
#include <gtest/gtest.h>
#include <sys/resource.h>

#include "sys/process.hpp"
#include "unit/child_process.hpp"

namespace mpi_podman {
namespace {

/// Whether the kernel starts a program with this variable and this argument.
bool starts(const std::string& variable, const std::string& word) {
    ::setenv("MPI_PODMAN_TEST", variable.c_str(), 1);
    auto child = spawn({{"/bin/true", word}});
    ::unsetenv("MPI_PODMAN_TEST");
    return child && child->wait() == Ending{0, 0};
}

constexpr std::size_t size_of_name = sizeof "MPI_PODMAN_TEST=";  // its NUL included

TEST(LongestWord, IsWhatTheKernelTakes) {
    const auto most = longest_word();
    EXPECT_TRUE(starts(std::string(most - size_of_name, 'x'), std::string(most - 1, 'x')));
    EXPECT_FALSE(starts(std::string(most - size_of_name + 1, 'x'), ""));
    EXPECT_FALSE(starts("", std::string(most, 'x')));
}

TEST(ArgumentSpace, FollowsTheStacksLimit) {
    const auto with_stack = [](rlim_t bytes, std::size_t expected) {
        return test::in_child([=] {
            const rlimit limit{bytes, RLIM_INFINITY};
            return ::setrlimit(RLIMIT_STACK, &limit) == 0 && argument_space() == expected ? 0 : 1;
        });
    };
    EXPECT_EQ(with_stack(8UL << 20U, 2UL << 20U), 0);
    EXPECT_EQ(with_stack(256UL << 10U, 128UL << 10U), 0);
    EXPECT_EQ(with_stack(64UL << 20U, 6UL << 20U), 0);
    EXPECT_EQ(with_stack(RLIM_INFINITY, 6UL << 20U), 0);
}

TEST(TooLong, NamesTheVariableThatIsButNotItsValue) {
    const auto error = too_long("ring", {"ring"}, {"SMALL=1", "BIG=" + std::string(200'000, 's')});
    EXPECT_EQ(error.status, Status::ours);
    EXPECT_EQ(error.message, "ring cannot be started with the variable BIG of 200004 bytes");
    EXPECT_NE(error.hint.find("131071 bytes in one variable"), std::string::npos) << error.hint;
}

TEST(TooLong, NamesAnArgument) {
    EXPECT_EQ(
        too_long("ring", {"ring", std::string(131'072, 'a')}, {"A=" + std::string(131'000, 'a')}).message,
        "ring cannot be started with an argument of 131072 bytes");
}

TEST(TooLong, SaysHowMuchAllAreWhereNoneIsByItself) {
    const auto error =
        too_long("ring", {"ring", "a"}, std::vector<std::string>(100, std::string(99, 'x')), 10'000);
    EXPECT_EQ(error.message,
              "ring cannot be started with 10800 bytes of variables and 23 bytes of arguments");
    EXPECT_NE(error.hint.find("Linux takes 10000 bytes in all, a quarter of the stack's limit"),
              std::string::npos)
        << error.hint;
}

TEST(Spawn, SaysWhatIsTooLong) {
    const auto child = spawn({{"/bin/true", std::string(longest_word(), 'x')}});
    ASSERT_FALSE(child);
    EXPECT_EQ(child.error(), too_long("/bin/true", {std::string(longest_word(), 'x')}, {}));
}

TEST(Spawn, SaysThatThereIsNoRoomForFiles) {
    EXPECT_EQ(test::in_child([] {
                  // Its report's pipe, /dev/null and the pidfd find room, three streams beyond them do not.
                  const auto highest = static_cast<rlim_t>(::open("/dev/null", O_RDONLY | O_CLOEXEC));
                  const rlimit limit{highest + 4, highest + 4};
                  ::setrlimit(RLIMIT_NOFILE, &limit);
                  const auto child = spawn({{"/bin/true"}});
                  return !child && child.error().status == Status::ours &&
                                 child.error().hint == "raise the limit: ulimit -n"
                             ? 0
                             : 1;
              }),
              0);
}

}  // namespace
}  // namespace mpi_podman
