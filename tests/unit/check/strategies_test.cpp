#include "check/strategies.hpp"

#include <gmock/gmock.h>

#include "check/command_line.hpp"
#include "unit/check/samples.hpp"

namespace mpi_podman {
namespace {

using enum Outcome;
using test::mpich_402;
using test::open_mpi_41;
using test::ring_with;
using testing::Contains;
using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;
using testing::Not;

/// All that was said of a strategy.
std::string words_of(const StrategyReport& report) {
    std::string words;
    for (const auto& reason : report.verdict.reasons) {
        words += reason.what + ": " + reason.why + "; " + reason.remedy + "\n";
    }
    return words;
}

std::vector<Outcome> outcomes_of(const StrategyQuestion& question) {
    std::vector<Outcome> outcomes;
    for (const auto& report : judge_strategies(question)) {
        outcomes.push_back(report.verdict.outcome);
    }
    return outcomes;
}

std::optional<std::size_t> recommended(const StrategyQuestion& question) {
    return recommend(judge_strategies(question));
}

struct Case {
    std::string name;
    StrategyQuestion question;
    std::vector<Outcome> outcomes;  ///< image, bridge, host
    std::optional<std::size_t> recommended;
};
void PrintTo(const Case& given, std::ostream* out) { *out << given.name; }

StrategyQuestion under(StrategyQuestion question, HostLauncher launcher) {
    question.launcher = std::move(launcher);
    return question;
}

std::vector<Case> cases() {
    const auto pmi2 = test::srun_with(Pmi::pmi2);
    const auto pmix = test::srun_with(Pmi::pmix);
    auto no_mpi = ring_with(open_mpi_41);
    no_mpi.found.image = test::root_with({});
    no_mpi.found.command.reset();
    auto missing = ring_with(open_mpi_41);
    missing.found.command->libraries.clear();
    missing.found.command->missing = {{"libmpi.so.40", "/bin/ring", {}}};
    auto linked_in = ring_with(open_mpi_41);
    linked_in.found.command->libraries.clear();
    linked_in.found.command->static_mpi = MpiFamily::mpich;
    auto unlinked = ring_with(mpich_402);
    unlinked.found.command->libraries.clear();
    auto both = ring_with(open_mpi_41);
    both.found.image = test::root_with({open_mpi_41, mpich_402});
    both.found.command = test::linked_with({});
    return {
        {"Open MPI under mpirun", ring_with(open_mpi_41), {works, cannot, works}, 0},
        {"Open MPI under Hydra", under(ring_with(open_mpi_41), test::hydra_4()), {cannot, works, works}, 1},
        {"Open MPI under srun pmi2", under(ring_with(open_mpi_41), pmi2), {cannot, works, works}, 1},
        {"Open MPI under srun pmix", under(ring_with(open_mpi_41), pmix), {works, cannot, works}, 0},
        {"MPICH under mpirun", ring_with(mpich_402), {cannot, works, works}, 1},
        {"MPICH under srun pmi2", under(ring_with(mpich_402), pmi2), {works, cannot, works}, 0},
        {"no launcher", under(ring_with(mpich_402), {}), {caveat, cannot, caveat}, 0},
        {"srun without PMI",
         under(ring_with(mpich_402), test::srun_with(Pmi::none)),
         {cannot, cannot, cannot},
         {}},
        {"an image without MPI, any program", no_mpi, {caveat, cannot, works}, 2},
        {"a library missing", missing, {cannot, cannot, works}, 2},
        {"MPICH linked in, in an image with Open MPI", linked_in, {cannot, works, works}, 1},
        {"a program that is not linked, by the image's family", unlinked, {cannot, works, works}, 1},
        {"both families and nothing that tells", both, {works, cannot, works}, 0},
    };
}

class EachCase : public testing::TestWithParam<Case> {};

TEST_P(EachCase, HasItsOutcomesAndItsRecommendation) {
    const auto& given = GetParam();
    EXPECT_EQ(outcomes_of(given.question), given.outcomes);
    EXPECT_EQ(recommended(given.question), given.recommended);
    for (const auto& report : judge_strategies(given.question)) {
        EXPECT_EQ(report.command_line.empty(), report.verdict.outcome == cannot);
        EXPECT_TRUE(report.verdict.outcome == works || !report.verdict.reasons.empty());
    }
}

INSTANTIATE_TEST_SUITE_P(Strategies, EachCase, testing::ValuesIn(cases()));

TEST(Strategies, ACaveatIsWorseThanABridge) {
    auto question = ring_with(mpich_402);
    question.found.verdict.outcome = caveat;
    EXPECT_EQ(recommended(question), 1);
    add_reason(question.found.verdict, {cannot, "no", {}, {}});
    question.found.command->missing = {{"libz.so.1", "/bin/ring", {}}};
    EXPECT_EQ(recommended(question), std::nullopt);
}

TEST(Strategies, AFabricThatTheImageCannotReachSpeaksForTheHosts) {
    auto question = ring_with(open_mpi_41);
    question.devices.fabric = {"/dev/infiniband"};
    EXPECT_THAT(outcomes_of(question), ElementsAre(caveat, cannot, works));
    EXPECT_THAT(words_of(judge_strategies(question).front()), HasSubstr("the image no libibverbs"));
    EXPECT_EQ(recommended(question), 2);
    question.found.image.transports = {{test::sample_library("libibverbs.so.1", {1, 14}), "44", true}};
    EXPECT_EQ(recommended(question), 0);
}

TEST(Strategies, LittleMemoryToLockIsACaveatWhereAnAdapterNeedsIt) {
    auto question = ring_with(open_mpi_41);
    question.locked_memory = {"memlock", "8388608", "8388608"};
    question.devices.fabric = {"/dev/xpmem"};
    EXPECT_EQ(outcomes_of(question).back(), works);
    question.devices.fabric = {"/dev/infiniband"};
    EXPECT_EQ(outcomes_of(question).back(), caveat);
    EXPECT_THAT(words_of(judge_strategies(question).back()),
                HasSubstr("locked memory is limited to 8192 kB"));
    question.locked_memory.hard = "-1";
    EXPECT_EQ(outcomes_of(question).back(), works);
    question.locked_memory.hard = "8388608";
    question.options.fabric = false;
    EXPECT_THAT(outcomes_of(question), ElementsAre(works, cannot, works));
}

TEST(Strategies, MoreGpusThanThereAreIsAReasonForAll) {
    auto question = ring_with(open_mpi_41);
    question.options.gpus = {GpuChoice::some, 2};
    question.devices.gpus = {{"nvidia.com/gpu", {"0", "all"}, "/etc/cdi/nvidia.yaml"}};
    EXPECT_THAT(outcomes_of(question), ElementsAre(cannot, cannot, cannot));
    EXPECT_THAT(words_of(judge_strategies(question).back()), HasSubstr("--gpus=2: this node has 1"));
    question.options.gpus.count = 1;
    EXPECT_EQ(recommended(question), 0);
}

TEST(Strategies, TheRefusalOfTheLauncherAroundIsAReasonForAll) {
    auto question = ring_with(open_mpi_41);
    question.refusal = Error{Status::ours, "PMIX_RANK missing", "let it through"};
    EXPECT_THAT(outcomes_of(question), ElementsAre(cannot, cannot, cannot));
    EXPECT_THAT(words_of(judge_strategies(question).back()),
                HasSubstr("PMIX_RANK missing: ; let it through"));
}

TEST(Strategies, OldMpichIsSaidToHangOnSeveralNodesAndWorksAllTheSame) {
    const auto reports = judge_strategies(under(ring_with(mpich_402), test::hydra_4()));
    EXPECT_EQ(reports.front().verdict.outcome, works);
    EXPECT_THAT(words_of(reports.front()), HasSubstr("MPI_Finalize"));
    const auto newer = ring_with(test::mpich("4.2.1", {12, 4, 1}, "libmpi.so.12"));
    EXPECT_THAT(words_of(judge_strategies(newer)[1]), Not(HasSubstr("MPI_Finalize")));
}

TEST(CommandLines, AreTheLaunchersWordsAndThose) {
    auto question = ring_with(open_mpi_41);
    question.typed = {{"check", "json"},          {"volume", "/a b:/c"}, {"launcher", "x"},
                      {"mpi-prefix", "/opt/mpi"}, {"hostfile", "hf"},    {"no-cwd", {}},
                      {"mpi", "image"},           {"abi", "full"}};
    question.options.command = {"ring", "-x"};
    const auto reports = judge_strategies(question);
    EXPECT_THAT(reports[0].command_line, ElementsAre("mpirun", "-np", "2", "mpi-podman", "--volume=/a b:/c",
                                                     "--no-cwd", "localhost/ring", "ring", "-x"));
    EXPECT_THAT(reports[1].command_line, IsEmpty());
    EXPECT_THAT(reports[2].command_line, ElementsAre("mpirun", "-np", "2", "mpi-podman", "--mpi=host",
                                                     "--volume=/a b:/c", "--mpi-prefix=/opt/mpi", "--no-cwd",
                                                     "--abi=full", "localhost/ring", "ring", "-x"));
}

TEST(CommandLines, SayWhatTheProgramSpeaksWhereMpiPodmanWouldNotSee) {
    auto question = ring_with(open_mpi_41);
    question.found.command->libraries.clear();
    question.found.command->static_mpi = MpiFamily::mpich;
    const auto line = judge_strategies(question)[1].command_line;
    EXPECT_THAT(line, Contains("--pmi=pmi1"));
    EXPECT_THAT(judge_strategies(ring_with(mpich_402))[1].command_line, Not(Contains(HasSubstr("--pmi"))));
}

TEST(CommandLines, KeepTheNameOfOneOfSeveralHostMpis) {
    EXPECT_EQ(word_for_host_mpi({{"mpi", "host:cray"}}), "--mpi=host:cray");
}

}  // namespace
}  // namespace mpi_podman
