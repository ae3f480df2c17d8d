#include <gtest/gtest.h>

#include "plan/rank_environment.hpp"

namespace mpi_podman {
namespace {

using Words = std::vector<std::string>;

/// Whether a rank can be given these variables.
bool taken(EnvHost which, const Environment& environment, const Words& typed = {}, const Words& unset = {}) {
    Options options;
    options.env_host = which;
    options.environment = typed;
    options.unset = unset;
    return check_podman_can_carry(rank_environment(options, Pmi::pmix, Bridge::none, environment, {}),
                                  environment)
        .has_value();
}

class NotUtf8 : public testing::TestWithParam<std::string> {};

TEST_P(NotUtf8, IsRefusedNamingTheVariable) {
    const Environment environment{{"GOOD", "a"}, {"MINE", "x" + GetParam() + "y"}};
    const auto carried = check_podman_can_carry(
        rank_environment(Options{}, Pmi::pmix, Bridge::none, environment, {}), environment);
    ASSERT_FALSE(carried);
    EXPECT_EQ(
        carried.error(),
        (Error{Status::ours, "the variable MINE holds bytes that are not UTF-8; podman would change them",
               "leave it out: mpi-podman --unsetenv MINE"}));
}

TEST_P(NotUtf8, IsAlsoRefusedAtTheEndOfAValue) {
    EXPECT_FALSE(taken(EnvHost::filtered, {{"MINE", GetParam()}}));
}

INSTANTIATE_TEST_SUITE_P(Bytes, NotUtf8,
                         testing::Values("\xff", "\xfe", "\x80", "\xe9", "\xc3", "\xe2\x82", "\xf0\x9f\x98",
                                         "\xc0\xaf", "\xc1\xbf", "\xe0\x80\xaf", "\xe0\x9f\xbf",
                                         "\xf0\x80\x80\xaf", "\xf0\x8f\xbf\xbf", "\xed\xa0\x80",
                                         "\xed\xbf\xbf", "\xf4\x90\x80\x80", "\xf5\x80\x80\x80",
                                         "\xf8\x88\x80\x80\x80"));

TEST(Utf8, IsTakenUpToItsEdges) {
    for (const char* text : {"\x7f", "\xc2\x80", "\xdf\xbf", "\xe0\xa0\x80", "\xed\x9f\xbf", "\xee\x80\x80",
                             "\xef\xbf\xbf", "\xf0\x90\x80\x80", "\xf4\x8f\xbf\xbf"}) {
        EXPECT_TRUE(taken(EnvHost::filtered, {{"MINE", text}})) << text;
    }
}

TEST(Utf8, IsAskedOnlyOfWhatReachesTheRank) {
    const Environment environment{{"LS_COLORS", "\xff"}, {"PATH", "/caf\xe9"}};
    EXPECT_FALSE(taken(EnvHost::filtered, environment));
    EXPECT_TRUE(taken(EnvHost::launcher, environment)) << "neither passes";
    EXPECT_TRUE(taken(EnvHost::filtered, environment, {}, {"LS_COLORS"})) << "as the message advises";
    EXPECT_TRUE(taken(EnvHost::filtered, environment, {"LS_COLORS=none"}));
    EXPECT_FALSE(taken(EnvHost::all, environment));
    EXPECT_TRUE(taken(EnvHost::all, environment, {}, {"LS_COLORS", "PATH"}));
    EXPECT_FALSE(taken(EnvHost::launcher, {}, {"TYPED=\xff"}));
}

}  // namespace
}  // namespace mpi_podman
