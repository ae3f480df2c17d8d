#include <gtest/gtest.h>

#include "cli/options.hpp"

namespace mpi_podman {
namespace {

/// A wrong command line, and the word its message must hold for the user to find the mistake.
struct Wrong {
    std::vector<std::string> argv;
    std::string named;
};
void PrintTo(const Wrong& wrong, std::ostream* out) {
    for (const auto& word : wrong.argv) {
        *out << "'" << word << "' ";
    }
}

class WrongCommandLine : public testing::TestWithParam<Wrong> {};

TEST_P(WrongCommandLine, IsAUsageErrorThatNamesTheOption) {
    const auto parsed = parse_options(GetParam().argv);
    ASSERT_FALSE(parsed);
    EXPECT_EQ(parsed.error().status, Status::usage);
    EXPECT_NE(parsed.error().message.find(GetParam().named), std::string::npos) << parsed.error().message;
    EXPECT_EQ(parsed.error().message.find('\n'), std::string::npos) << parsed.error().message;
    EXPECT_NE(parsed.error().hint, "");
}

INSTANTIATE_TEST_SUITE_P(Unknown, WrongCommandLine,
                         testing::Values(Wrong{{"--bogus", "img"}, "--bogus"},
                                         Wrong{{"--bogus=1", "img"}, "--bogus"}, Wrong{{"-x", "img"}, "-x"},
                                         Wrong{{"--mca", "a", "b", "img"}, "--mca"},
                                         Wrong{{"--no-cwd", "--bogus", "img", "cmd"}, "--bogus"},
                                         Wrong{{"--help", "--bogus"}, "--bogus"}));

INSTANTIATE_TEST_SUITE_P(Abbreviated, WrongCommandLine,
                         testing::Values(Wrong{{"--vol=/a:/b", "img"}, "--vol"},
                                         Wrong{{"--dry", "img"}, "--dry"},
                                         Wrong{{"--env-hos=all", "img"}, "--env-hos"},
                                         Wrong{{"--podman-ar=x", "img"}, "--podman-ar"},
                                         Wrong{{"--hel"}, "--hel"}));

// Boost's own words for them would never end.
INSTANTIATE_TEST_SUITE_P(NamingABoostPlaceholder, WrongCommandLine,
                         testing::Values(Wrong{{"--linger=%value%", "img"}, "--linger"},
                                         Wrong{{"--linger=%option%", "img"}, "--linger"},
                                         Wrong{{"--%value%=%value%", "img"}, "--%value%"}));

INSTANTIATE_TEST_SUITE_P(WithoutValue, WrongCommandLine,
                         testing::Values(Wrong{{"--volume"}, "--volume"}, Wrong{{"-v"}, "--volume"},
                                         Wrong{{"--pull"}, "--pull"}, Wrong{{"--env"}, "--env"},
                                         Wrong{{"--podman"}, "--podman"},
                                         Wrong{{"--no-cwd", "--workdir"}, "--workdir"}));

INSTANTIATE_TEST_SUITE_P(WithAValueItDoesNotTake, WrongCommandLine,
                         testing::Values(Wrong{{"--no-cwd=x", "img"}, "no-cwd"},
                                         Wrong{{"--dry-run=x", "img"}, "--dry-run"},
                                         Wrong{{"--per-rank=x", "img"}, "per-rank"}));

INSTANTIATE_TEST_SUITE_P(Check, WrongCommandLine,
                         testing::Values(Wrong{{"--check=xml", "img"}, "--check=xml"},
                                         Wrong{{"--check"}, "IMAGE"},
                                         Wrong{{"--launcher=srun", "img"}, "--launcher"},
                                         Wrong{{"--dry-run", "--hostfile=hf", "img"}, "--hostfile"}));

INSTANTIATE_TEST_SUITE_P(
    Distribute, WrongCommandLine,
    testing::Values(Wrong{{"--distribute", "img"}, "--distribute needs to know the nodes"},
                    Wrong{{"--distribute=json", "--hostfile=hf", "img"}, "--distribute=json"},
                    Wrong{{"--distribute", "--hostfile=hf", "img", "ring"},
                          "takes no COMMAND, but here is ring"},
                    Wrong{{"--distribute", "--hostfile=hf", "img@sha256:0123"}, "img@sha256:0123"},
                    Wrong{{"--distribute", "--launcher=srun", "--hostfile=hf", "img"}, "--launcher"}));

INSTANTIATE_TEST_SUITE_P(
    HostMpi, WrongCommandLine,
    testing::Values(Wrong{{"--mpi=mine", "img"}, "--mpi=mine"}, Wrong{{"--abi=exact", "img"}, "--abi=exact"},
                    Wrong{{"--mpi=host:", "img"}, "--mpi=host:"},
                    Wrong{{"--mpi=image:own", "img"}, "--mpi=image:own"},
                    Wrong{{"--mpi=host:a", "--mpi-prefix=/opt/a", "img"}, "--mpi=host:a"},
                    Wrong{{"--mpi-prefix=/opt/mpi", "img"}, "--mpi-prefix"},
                    Wrong{{"--mpi=host", "--mpi-prefix=mpi", "img"}, "--mpi-prefix"},
                    Wrong{{"--mpi=host", "--mpi-prefix=//", "img"}, "--mpi-prefix"}));

INSTANTIATE_TEST_SUITE_P(BadChoice, WrongCommandLine,
                         testing::Values(Wrong{{"--env-host=some", "img"}, "--env-host=some"},
                                         Wrong{{"--pull=sometimes", "img"}, "--pull=sometimes"},
                                         Wrong{{"--pull", "", "img"}, "--pull"},
                                         Wrong{{"--pid=container:x", "img"}, "--pid=container:x"},
                                         Wrong{{"--pmi=pmi3", "img"}, "--pmi=pmi3"},
                                         Wrong{{"--gpus=0", "img"}, "--gpus=0"},
                                         Wrong{{"--gpus=2x", "img"}, "--gpus=2x"},
                                         Wrong{{"--fabric=all", "img"}, "--fabric=all"},
                                         Wrong{{"--log-level=loud", "img"}, "--log-level=loud"},
                                         Wrong{{"--pull=ALWAYS", "img"}, "--pull=ALWAYS"}));

INSTANTIATE_TEST_SUITE_P(BadValue, WrongCommandLine,
                         testing::Values(Wrong{{"--env==x", "img"}, "--env"},
                                         Wrong{{"--env", "", "img"}, "--env"},
                                         Wrong{{"--workdir=rel/ative", "img"}, "--workdir rel/ative"},
                                         Wrong{{"--podman", "", "img"}, "--podman"}));

INSTANTIATE_TEST_SUITE_P(Lingering, WrongCommandLine,
                         testing::Values(Wrong{{"--linger", "img"}, "IMAGE"},
                                         Wrong{{"--linger=soon", "img"}, "--linger=soon"},
                                         Wrong{{"--linger=-1", "img"}, "--linger=-1"},
                                         Wrong{{"--linger=1.5", "img"}, "--linger=1.5"},
                                         Wrong{{"--linger=", "img"}, "--linger="},
                                         Wrong{{"--linger=86401", "img"}, "--linger=86401"},
                                         Wrong{{"--linger=99999999999", "img"}, "--linger=99999999999"},
                                         Wrong{{"--linger=1", "--per-rank", "img"}, "--per-rank"},
                                         Wrong{{"--linger=1", "--pid=host", "img"}, "--pid=host"},
                                         Wrong{{"--linger=1", "--podman-arg=--env=A", "img"}, "--env=A"},
                                         Wrong{{"--linger=1", "--podman-arg=-eA", "img"}, "-eA"},
                                         Wrong{{"--podman-arg=--pidfile=/x", "img"}, "--pidfile=/x"},
                                         Wrong{{"--podman-arg=--cidfile=/x", "img"}, "--cidfile=/x"},
                                         Wrong{{"--stop", "img"}, "--stop"}));

INSTANTIATE_TEST_SUITE_P(WithoutImage, WrongCommandLine,
                         testing::Values(Wrong{{}, "IMAGE"}, Wrong{{"--no-cwd"}, "IMAGE"},
                                         Wrong{{""}, "IMAGE"}, Wrong{{"", "cmd"}, "IMAGE"},
                                         Wrong{{"--"}, "IMAGE"}, Wrong{{"--", "", "cmd"}, "IMAGE"},
                                         Wrong{{"-e", "A=b"}, "IMAGE"}));

TEST(BadChoice, ListsTheGoodOnes) {
    EXPECT_EQ(parse_options({"--pull=x", "img"}).error().hint, "use one of: missing, always, never, newer");
    EXPECT_EQ(parse_options({"--env-host=x", "img"}).error().hint, "use one of: all, launcher, filtered");
    EXPECT_EQ(parse_options({"--pid=x", "img"}).error().hint, "use one of: auto, host, private");
    EXPECT_EQ(parse_options({"--pmi=x", "img"}).error().hint, "use one of: auto, none, pmi1, pmi2, pmix");
}

TEST(BadChoice, AcceptsEveryLevelOfSpdlogs) {
    for (const char* level : {"trace", "debug", "info", "warn", "error", "critical", "off"}) {
        EXPECT_TRUE(parse_options({std::string("--log-level=") + level, "img"})) << level;
    }
}

TEST(Help, ListsEveryOptionAndSaysHowToUseIt) {
    const auto text = help_text();
    EXPECT_TRUE(text.starts_with("Usage: mpi-podman [options] IMAGE [COMMAND [ARG...]]\n")) << text;
    for (const char* option :
         {"-v [ --volume ]", "-e [ --env ]", "--unsetenv",   "--env-host",     "-w [ --workdir ]",
          "--no-cwd",        "--device",     "--ulimit",     "--security-opt", "--entrypoint",
          "--pull",          "--podman ",    "--podman-arg", "--per-rank",     "--dry-run",
          "--pid",           "--pmi",        "--log-level",  "--log-file",     "--version",
          "--help"}) {
        EXPECT_NE(text.find(option), std::string::npos) << option;
    }
    for (const char* status : {"125", "126", "127", "2 for a wrong command line"}) {
        EXPECT_NE(text.find(status), std::string::npos) << status;
    }
}

TEST(Version, IsOneLine) {
    EXPECT_TRUE(version_text().starts_with("mpi-podman 0.")) << version_text();
    EXPECT_EQ(version_text().find('\n'), version_text().size() - 1);
}

TEST(PullWord, IsPodmans) {
    EXPECT_EQ(to_string(Pull::missing), "missing");
    EXPECT_EQ(to_string(Pull::always), "always");
    EXPECT_EQ(to_string(Pull::never), "never");
    EXPECT_EQ(to_string(Pull::newer), "newer");
}

}  // namespace
}  // namespace mpi_podman
