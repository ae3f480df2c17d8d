#include "plan/rank_environment.hpp"

#include <gtest/gtest.h>

namespace mpi_podman {
namespace {

using Words = std::vector<std::string>;
using Map = std::map<std::string, std::string>;

/// One variable of each kind, and those that pass only where mounted.
const Environment mixed{{"HOME", "/home/mpi"}, {"LANG", "C.UTF-8"}, {"OPAL_PREFIX", "/opt/ompi"},
                        {"PATH", "/usr/bin"},  {"PMIX_RANK", "1"},  {"TMPDIR", "/scratch/t"},
                        {"UCX_TLS", "sm"}};

RankEnvironment computed(const Options& options, const Environment& environment, const Words& mounted = {},
                         Pmi pmi = Pmi::pmix) {
    return rank_environment(options, pmi, Bridge::none, environment, mounted);
}

Options with(EnvHost which, Words typed = {}, Words unset = {}) {
    Options options;
    options.env_host = which;
    options.environment = std::move(typed);
    options.unset = std::move(unset);
    return options;
}

TEST(RankEnvironment, FilteredPassesTheUsersAndTheLaunchers) {
    const auto rank = computed(with(EnvHost::filtered), mixed);
    EXPECT_EQ(rank.inherited, (Words{"LANG", "PMIX_RANK", "UCX_TLS"}));
    EXPECT_EQ(rank.set, Map{});
    EXPECT_EQ(rank.unset, Words{});
}

TEST(RankEnvironment, LauncherPassesTheLaunchersAlone) {
    EXPECT_EQ(computed(with(EnvHost::launcher), mixed, {"/home/mpi", "/scratch"}).inherited,
              (Words{"PMIX_RANK", "UCX_TLS"}));
}

TEST(RankEnvironment, AllIsEveryVariableByItsName) {
    // podman 4.3: `--env-host --unsetenv=LANG` leaves the host's LANG in, so its own --env-host is of no use.
    EXPECT_EQ(seen_by_rank(computed(with(EnvHost::all), mixed), mixed), mixed);
}

TEST(RankEnvironment, HomeAndTmpdirPassOnlyWhereMounted) {
    EXPECT_EQ(computed(with(EnvHost::filtered), mixed, {"/home/mpi"}).inherited,
              (Words{"HOME", "LANG", "PMIX_RANK", "UCX_TLS"}));
    EXPECT_EQ(computed(with(EnvHost::filtered), mixed, {"/scratch"}).inherited,
              (Words{"LANG", "PMIX_RANK", "TMPDIR", "UCX_TLS"}));
    EXPECT_EQ(
        computed(with(EnvHost::filtered), mixed, {"/home/mp", "/home/mpi/work", "/scratch/t2"}).inherited,
        (Words{"LANG", "PMIX_RANK", "UCX_TLS"}));
    EXPECT_EQ(computed(with(EnvHost::filtered),
                       {{"PATH", "/home/mpi/bin"}, {"TMP", "/home/mpi"}, {"TEMP", "/x"}}, {"/home/mpi"})
                  .inherited,
              Words{"TMP"});
}

TEST(RankEnvironment, AlwaysNamesTheLaunchersVariablesSoThatNoneBakedIntoTheImageWins) {
    for (const auto which : {EnvHost::filtered, EnvHost::launcher}) {
        const auto rank = computed(with(which), {{"PMI_RANK", "3"}, {"OMPI_COMM_WORLD_SIZE", ""}});
        EXPECT_EQ(rank.inherited, (Words{"OMPI_COMM_WORLD_SIZE", "PMI_RANK"}));
    }
}

TEST(TypedEnvironment, SetsAndPassesOnAndTakesGlobs) {
    const auto rank = computed(
        with(EnvHost::launcher, {"A=1", "B=", "C=x=y", "PATH", "L*", "OPAL_PREFIX", "NOT_SET"}), mixed);
    EXPECT_EQ(rank.inherited, (Words{"LANG", "OPAL_PREFIX", "PATH", "PMIX_RANK", "UCX_TLS"}));
    EXPECT_EQ(rank.set, (Map{{"A", "1"}, {"B", ""}, {"C", "x=y"}}));
}

TEST(TypedEnvironment, WinsOverInheritedAndTheLastOverTheFirst) {
    const auto rank = computed(with(EnvHost::filtered, {"LANG=C", "UCX_TLS=tcp", "UCX_TLS=all"}), mixed);
    EXPECT_EQ(rank.inherited, Words{"PMIX_RANK"});
    EXPECT_EQ(rank.set, (Map{{"LANG", "C"}, {"UCX_TLS", "all"}}));
    const auto seen = seen_by_rank(rank, mixed);
    EXPECT_EQ(seen.at("LANG"), "C");
    EXPECT_EQ(seen.at("UCX_TLS"), "all");
}

TEST(TypedEnvironment, NamesNothingTwice) {
    EXPECT_EQ(computed(with(EnvHost::filtered, {"LANG", "LANG", "LA*"}), mixed).inherited,
              (Words{"LANG", "PMIX_RANK", "UCX_TLS"}));
}

TEST(Unsetenv, KeepsAVariableOutWhereverItComesFrom) {
    const auto rank =
        computed(with(EnvHost::filtered, {"A=1", "PATH"}, {"A", "LANG", "PATH", "BAKED"}), mixed);
    EXPECT_EQ(rank.inherited, (Words{"PMIX_RANK", "UCX_TLS"}));
    EXPECT_EQ(rank.set, Map{});
    EXPECT_EQ(rank.unset, (Words{"A", "LANG", "PATH", "BAKED"}));
}

TEST(Unsetenv, HoldsWithEveryVariableOfTheHostToo) {
    const auto rank = computed(with(EnvHost::all, {}, {"LANG"}), mixed);
    EXPECT_FALSE(seen_by_rank(rank, mixed).contains("LANG"));
    EXPECT_TRUE(seen_by_rank(rank, mixed).contains("PATH"));
    EXPECT_EQ(rank.unset, Words{"LANG"});
}

TEST(PmiNone, KeepsTheJobFromTheRankAndLeavesTheTransportsSettings) {
    const Environment environment{
        {"HYDI_CONTROL_FD", "7"}, {"MPI_LOCALRANKID", "0"}, {"OMPI_MCA_btl", "self"}, {"ORTE_X", ""},
        {"PMI2_X", ""},           {"PMIX_RANK", "1"},       {"PMI_FD", "8"},          {"PRTE_LAUNCHED", "1"},
        {"SLURM_PROCID", "1"},    {"UCX_TLS", "sm"},        {"USER", "mpi"}};
    auto options = with(EnvHost::filtered);
    options.pmi = PmiChoice::none;
    EXPECT_EQ(computed(options, environment).inherited, (Words{"SLURM_PROCID", "UCX_TLS", "USER"}));
    options.env_host = EnvHost::launcher;
    EXPECT_EQ(computed(options, environment).inherited, (Words{"SLURM_PROCID", "UCX_TLS"}));
}

TEST(PmiNone, HoldsWithEveryVariableOfTheHostToo) {
    auto options = with(EnvHost::all);
    options.pmi = PmiChoice::none;
    const Environment environment{{"PMIX_RANK", "1"}, {"PMI_FD", "8"}, {"USER", "mpi"}};
    EXPECT_EQ(seen_by_rank(computed(options, environment), environment), (Environment{{"USER", "mpi"}}));
}

TEST(PmiNone, LetsTheUserNameAVariableAllTheSame) {
    auto options = with(EnvHost::filtered, {"OMPI_MCA_btl"});
    options.pmi = PmiChoice::none;
    EXPECT_EQ(computed(options, {{"OMPI_MCA_btl", "self"}, {"PMIX_RANK", "1"}}).inherited,
              Words{"OMPI_MCA_btl"});
}

TEST(AnotherLaunchersJob, StaysOutside) {
    const Environment environment{
        {"OMPI_MCA_btl", "self"}, {"PMIX_RANK", "7"}, {"PMI_RANK", "1"}, {"SLURM_PROCID", "7"}};
    const Words without_pmix{"OMPI_MCA_btl", "PMI_RANK", "SLURM_PROCID"};
    EXPECT_EQ(computed({}, environment, {}, Pmi::pmi1).inherited, without_pmix);
    EXPECT_EQ(computed({}, environment, {}, Pmi::pmi2).inherited, without_pmix);
    EXPECT_EQ(computed({}, environment, {}, Pmi::pmix).inherited,
              (Words{"OMPI_MCA_btl", "PMIX_RANK", "PMI_RANK", "SLURM_PROCID"}));
    EXPECT_EQ(seen_by_rank(computed(with(EnvHost::all), environment, {}, Pmi::pmi1), environment)
                  .count("PMIX_RANK"),
              0U);
}

TEST(Values, OfAnyTextAndSizePass) {
    const Environment environment{{"BIG", std::string(200000, 'x')},
                                  {"EMPTY", ""},
                                  {"EQUALS", "a=b=c"},
                                  {"LINES", "one\ntwo\n"},
                                  {"UTF8", "\xc3\xa9\xe2\x82\xac\xf0\x9f\x98\x80"}};
    const auto rank = computed(with(EnvHost::filtered), environment);
    EXPECT_EQ(rank.inherited, (Words{"BIG", "EMPTY", "EQUALS", "LINES", "UTF8"}));
    EXPECT_EQ(seen_by_rank(rank, environment), environment);
}

TEST(Values, OfManyVariablesPass) {
    Environment environment;
    for (int i = 0; i < 5000; ++i) {
        environment["VARIABLE_" + std::to_string(i)] = std::string(40, 'v');
    }
    EXPECT_EQ(computed(with(EnvHost::filtered), environment).inherited.size(), 5000U);
}

TEST(Names, ThatArePatternsToPodmanStayOutside) {
    EXPECT_EQ(computed(with(EnvHost::filtered), {{"STAR*", "1"}, {"STAR", "2"}}).inherited, Words{"STAR"});
}

TEST(SeenInImage, IsTheImagesOwnWithTheRanksOverIt) {
    RankEnvironment rank;
    rank.inherited = {"MINE"};
    rank.set = {{"BOTH", "ours"}};
    rank.unset = {"GONE"};
    const auto seen =
        seen_in_image({"OWN=a=b", "BOTH=image", "GONE=1", "EMPTY=", "NAKED"}, rank, {{"MINE", "1"}});
    EXPECT_EQ(seen,
              (Environment{{"BOTH", "ours"}, {"EMPTY", ""}, {"MINE", "1"}, {"NAKED", ""}, {"OWN", "a=b"}}));
}

TEST(IsBelow, TakesWholePathComponents) {
    EXPECT_TRUE(is_below("/home/mpi", {"/home/mpi"}));
    EXPECT_TRUE(is_below("/home/mpi/a", {"/x", "/home/mpi"}));
    EXPECT_TRUE(is_below("/home/mpi/a", {"/home/mpi/"}));
    EXPECT_TRUE(is_below("/a", {"/"}));
    EXPECT_FALSE(is_below("/home/mpi2", {"/home/mpi"}));
    EXPECT_FALSE(is_below("/home", {"/home/mpi"}));
    EXPECT_FALSE(is_below("/home/mpi", {}));
    EXPECT_FALSE(is_below("", {"/home/mpi"}));
}

}  // namespace
}  // namespace mpi_podman
