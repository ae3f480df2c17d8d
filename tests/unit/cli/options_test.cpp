#include "cli/options.hpp"

#include <gtest/gtest.h>

#include <functional>

namespace mpi_podman {
namespace {

using Words = std::vector<std::string>;

/// An option's line of the table: the same value typed in every way there is, and where it must arrive.
struct Row {
    std::string what;
    Words typed;                            ///< in front of IMAGE
    std::function<void(Options&)> changes;  ///< the defaults into what is expected
};
void PrintTo(const Row& row, std::ostream* out) { *out << row.what; }

class EachOption : public testing::TestWithParam<Row> {};

TEST_P(EachOption, ArrivesInItsFieldAndNowhereElse) {
    auto argv = GetParam().typed;
    argv.insert(argv.end(), {"img", "./ring", "-x"});
    const auto parsed = parse_options(argv);
    ASSERT_TRUE(parsed) << parsed.error().message;
    Options expected;
    expected.image = "img";
    expected.command = {"./ring", "-x"};
    GetParam().changes(expected);
    EXPECT_EQ(*parsed, expected);
}

template <typename Field, typename Value>
std::function<void(Options&)> sets(Field Options::*field, const Value& value) {
    return [=](Options& options) { options.*field = value; };
}

/// The ways of typing an option: --long VALUE, --long=VALUE, and of its letter -l VALUE, -lVALUE.
std::vector<Row> ways(const std::string& name, char letter, const std::string& value,
                      const std::function<void(Options&)>& changes) {
    std::vector<Row> rows{{name + " separate", {"--" + name, value}, changes},
                          {name + " with =", {"--" + name + "=" + value}, changes}};
    if (letter != 0) {
        const std::string dashed{'-', letter};
        rows.push_back({name + " letter, separate", {dashed, value}, changes});
        rows.push_back({name + " letter, attached", {dashed + value}, changes});
    }
    return rows;
}

std::vector<Row> rows_with_values() {
    std::vector<Row> all;
    const auto add = [&](const std::string& name, char letter, const std::string& value,
                         const auto& changes) {
        const auto rows = ways(name, letter, value, changes);
        all.insert(all.end(), rows.begin(), rows.end());
    };
    add("volume", 'v', "/a:/b:ro", sets(&Options::volumes, Words{"/a:/b:ro"}));
    add("env", 'e', "NAME=a=b c", sets(&Options::environment, Words{"NAME=a=b c"}));
    add("unsetenv", 0, "NAME", sets(&Options::unset, Words{"NAME"}));
    add("workdir", 'w', "/work", sets(&Options::workdir, "/work"));
    add("device", 0, "/dev/fuse", sets(&Options::devices, Words{"/dev/fuse"}));
    add("ulimit", 0, "core=0:0", sets(&Options::ulimits, Words{"core=0:0"}));
    add("security-opt", 0, "seccomp=unconfined", sets(&Options::security, Words{"seccomp=unconfined"}));
    add("entrypoint", 0, "/bin/sh", sets(&Options::entrypoint, std::optional<std::string>("/bin/sh")));
    add("podman", 0, "/opt/podman", sets(&Options::podman, "/opt/podman"));
    add("podman-arg", 0, "--annotation=a=b", sets(&Options::podman_arguments, Words{"--annotation=a=b"}));
    add("podman-arg", 0, "-t", sets(&Options::podman_arguments, Words{"-t"}));
    add("podman-arg", 0, "-v", sets(&Options::podman_arguments, Words{"-v"}));
    add("log-level", 0, "debug", sets(&Options::log_level, "debug"));
    add("log-file", 0, "/tmp/log", sets(&Options::log_file, "/tmp/log"));
    add("pull", 0, "missing", sets(&Options::pull, Pull::missing));
    add("pull", 0, "always", sets(&Options::pull, Pull::always));
    add("pull", 0, "never", sets(&Options::pull, Pull::never));
    add("pull", 0, "newer", sets(&Options::pull, Pull::newer));
    add("pid", 0, "host", sets(&Options::pid, std::optional(PidMode::host)));
    add("pid", 0, "private", sets(&Options::pid, std::optional(PidMode::private_)));
    add("pmi", 0, "auto", sets(&Options::pmi, PmiChoice::automatic));
    add("pmi", 0, "none", sets(&Options::pmi, PmiChoice::none));
    add("pmi", 0, "pmi1", sets(&Options::pmi, PmiChoice::pmi1));
    add("pmi", 0, "pmi2", sets(&Options::pmi, PmiChoice::pmi2));
    add("pmi", 0, "pmix", sets(&Options::pmi, PmiChoice::pmix));
    add("gpus", 0, "auto", sets(&Options::gpus, GpusAsked{}));
    add("gpus", 0, "none", sets(&Options::gpus, GpusAsked{GpuChoice::none, 0}));
    add("gpus", 0, "all", sets(&Options::gpus, GpusAsked{GpuChoice::all, 0}));
    add("gpus", 0, "4", sets(&Options::gpus, GpusAsked{GpuChoice::some, 4}));
    add("fabric", 0, "auto", sets(&Options::fabric, true));
    add("fabric", 0, "none", sets(&Options::fabric, false));
    return all;
}

const Row other_rows[] = {
    {"nothing", {}, [](Options&) {}},
    {"--env-host", {"--env-host"}, sets(&Options::env_host, EnvHost::all)},
    {"--env-host=all", {"--env-host=all"}, sets(&Options::env_host, EnvHost::all)},
    {"--env-host=launcher", {"--env-host=launcher"}, sets(&Options::env_host, EnvHost::launcher)},
    {"--env-host=filtered", {"--env-host=filtered"}, sets(&Options::env_host, EnvHost::filtered)},
    {"--env-host before another",
     {"--env-host", "-v", "/a:/b"},
     [](Options& o) {
         o.env_host = EnvHost::all;
         o.volumes = {"/a:/b"};
     }},
    {"--no-cwd", {"--no-cwd"}, sets(&Options::no_cwd, true)},
    {"--per-rank", {"--per-rank"}, sets(&Options::per_rank, true)},
    {"--dry-run", {"--dry-run"}, sets(&Options::action, Action::dry_run)},
    {"--check", {"--check"}, sets(&Options::action, Action::check)},
    {"--check=json",
     {"--check=json"},
     [](Options& o) {
         o.action = Action::check;
         o.check_as = CheckAs::json;
     }},
    {"--check with all that is for it",
     {"--check", "--launcher", "srun --mpi=pmi2", "--hostfile=hf", "--mpi-prefix=/opt/mpi"},
     [](Options& o) {
         o.action = Action::check;
         o.launcher = "srun --mpi=pmi2";
         o.hostfile = "hf";
         o.mpi_prefix = "/opt/mpi";
     }},
    {"--entrypoint ''", {"--entrypoint", ""}, sets(&Options::entrypoint, std::optional<std::string>(""))},
    {"--entrypoint=", {"--entrypoint="}, sets(&Options::entrypoint, std::optional<std::string>(""))},
    {"--env NAME=", {"--env", "NAME="}, sets(&Options::environment, Words{"NAME="})},
    {"--", {"--"}, [](Options&) {}},
    {"-- after options", {"--no-cwd", "--"}, sets(&Options::no_cwd, true)},
    {"repeated, in order",
     {"-v", "/b:/b", "--volume=/a:/a", "-v/c:/c"},
     sets(&Options::volumes, Words{"/b:/b", "/a:/a", "/c:/c"})},
    {"a value like the image", {"-e", "img"}, sets(&Options::environment, Words{"img"})},
};

INSTANTIATE_TEST_SUITE_P(WithValue, EachOption, testing::ValuesIn(rows_with_values()));
INSTANTIATE_TEST_SUITE_P(Other, EachOption, testing::ValuesIn(other_rows));

TEST(Distribute, TakesAHostfileAndAnImage) {
    Options expected;
    expected.action = Action::distribute;
    expected.hostfile = "hf";
    expected.image = "img";
    EXPECT_EQ(parse_options({"--distribute", "--hostfile", "hf", "img"}), expected);
}

TEST(Options, LeaveEverythingAfterTheImageToTheRank) {
    const Words command{"--env", "--volume=/a:/b", "-e", "--help",    "--version",
                        "--",    "--unknown",      "",   "--dry-run", "-"};
    auto argv = Words{"--no-cwd", "img"};
    argv.insert(argv.end(), command.begin(), command.end());
    const auto parsed = parse_options(argv);
    ASSERT_TRUE(parsed) << parsed.error().message;
    EXPECT_EQ(parsed->action, Action::run);
    EXPECT_EQ(parsed->image, "img");
    EXPECT_EQ(parsed->command, command);
    EXPECT_TRUE(parsed->environment.empty());
    EXPECT_TRUE(parsed->volumes.empty());
}

TEST(Options, TakeOnlyTheFirstDoubleDash) {
    const auto parsed = parse_options({"--", "img", "--", "x"});
    ASSERT_TRUE(parsed);
    EXPECT_EQ(parsed->image, "img");
    EXPECT_EQ(parsed->command, (Words{"--", "x"}));
}

TEST(Options, TakeAnImageThatLooksLikeAnOptionBehindDoubleDash) {
    const auto parsed = parse_options({"--", "--help"});
    ASSERT_TRUE(parsed);
    EXPECT_EQ(parsed->action, Action::run);
    EXPECT_EQ(parsed->image, "--help");
}

TEST(Options, KeepAnImageThatStandsBehindEnvHostWithoutValue) {
    const auto parsed = parse_options({"--env-host", "filtered", "all"});
    ASSERT_TRUE(parsed);
    EXPECT_EQ(parsed->env_host, EnvHost::all);
    EXPECT_EQ(parsed->image, "filtered");
    EXPECT_EQ(parsed->command, Words{"all"});
}

TEST(Options, AreToldAgainAsTheyWereTyped) {
    const std::vector<Setting> expected{
        {"check", {}}, {"volume", "/a:/b"}, {"no-cwd", {}}, {"env", "NAME=a=b"}, {"volume", "/c:/d"}};
    EXPECT_EQ(typed_options({"--check", "-v/a:/b", "--no-cwd", "--env", "NAME=a=b", "--volume=/c:/d", "img",
                             "--per-rank"}),
              expected);
}

TEST(Options, AskForHelpAndVersionWithoutAnImage) {
    EXPECT_EQ(parse_options({"--help"})->action, Action::help);
    EXPECT_EQ(parse_options({"--version"})->action, Action::version);
    EXPECT_EQ(parse_options({"--no-cwd", "--help", "img"})->action, Action::help);
}

}  // namespace
}  // namespace mpi_podman
