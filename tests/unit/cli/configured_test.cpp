// Configuration files and variables: what is wrong in them, and what goes before what.
#include "cli/configured.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <map>
#include <set>

#include "cli/config_page.hpp"
#include "cli/named_mpi.hpp"
#include "cli/option_table.hpp"
#include "cli/options.hpp"

namespace mpi_podman {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;
using testing::StartsWith;
using Variables = std::map<std::string, std::string>;

constexpr auto site = R"(# the site's
volume = /data:/data
pull = never
per-rank = yes
linger = 0

[mpi openmpi-4.1]
prefix = /opt/openmpi-4.1/   # of the module
default = yes

  [mpi mpich]
prefix=/opt/mpich

[profile debug]
log-level = debug
volume = /debug:/debug
)";
constexpr auto user = R"(pull = newer
volume = /home/me:/me
[mpi mpich]
prefix = /home/me/mpich
default = yes
[profile debug]
log-file = /tmp/log
[profile quiet]
)";

Configured both(const Variables& variables = {}) {
    auto all = combined(*parse_config(site, "site"), *parse_config(user, "user"));
    all.variables = *settings_of([&](const std::string& name) {
        const auto found = variables.find(name);
        return found == variables.end() ? std::nullopt : std::optional(found->second);
    });
    return all;
}

TEST(Configured, WhatASiteSays) {
    const auto config = parse_config(site, "site");
    ASSERT_TRUE(config) << config.error().message;
    EXPECT_THAT(config->files,
                ElementsAre(Setting{"volume", "/data:/data", "site:2"}, Setting{"pull", "never", "site:3"},
                            Setting{"per-rank", "yes", "site:4"}, Setting{"linger", "0", "site:5"}));
    EXPECT_THAT(config->profiles.at("debug"), ElementsAre(Setting{"log-level", "debug", "site:15"},
                                                          Setting{"volume", "/debug:/debug", "site:16"}));
    EXPECT_THAT(config->mpis, ElementsAre(ConfiguredMpi{"openmpi-4.1", "/opt/openmpi-4.1", true},
                                          ConfiguredMpi{"mpich", "/opt/mpich", false}));
    EXPECT_EQ(parse_config("", "site"), Configured{});
    EXPECT_EQ(parse_config("# nothing\n\n", "site"), Configured{});
}

struct WrongFile {
    const char *text, *said;
};

TEST(Configured, AWrongLineIsNamedByFileAndNumber) {
    for (const auto& [text, said] :
         {WrongFile{"[mpi a]\nprefix /opt/a\n", "config:2: 'prefix /opt/a' is neither"},
          {"\n[mpi a\nprefix = /a\n", "config:2: '[mpi a' is neither"},
          {"prefix = /opt/a\n", "config:1: 'prefix' is no option"},
          {"\nvolumes = /a:/b\n", "config:2: 'volumes' is no option"},
          {"pull = sometimes\n", "config:1: --pull=sometimes: no such choice; use one of: missing"},
          {"linger = soon\n", "config:1: --linger=soon: not a number"},
          {"per-rank = perhaps\n", "config:1: "},
          {"workdir = here\n", "config:1: --workdir here is not absolute"},
          {"mpi-prefix = opt\n", "config:1: --mpi-prefix opt is no directory"},
          {"report = job.txt\n", "config:1: --report job.txt: in which form?"},
          {"pull = never\npull = newer\n", "config:2: pull is said already above"},
          {"check = json\n", "config:1: 'check' is for the command line alone"},
          {"help = yes\n", "config:1: 'help' is for the command line alone"},
          {"profile = a\n[profile a]\nprofile = b\n", "config:3: a profile names no other"},
          {"[profile]\npull = never\n", "config:1: [profile] is no section"},
          {"[profile a]\nprefix = /opt/a\n", "config:2: 'prefix' is no option"},
          {"[mpi a]\nprefix = /opt/a\n[pmi b]\nprefix = /x\n", "config:3: [pmi b] is no section"},
          {"[mpi]\nprefix = /x\n", "config:1: [mpi] is no section"},
          {"[mpi a b]\nprefix = /x\n", "config:1: [mpi a b] is no section"},
          {"[mpi a]\nprefix = opt/a\n", "config:2: prefix = opt/a"},
          {"[mpi a]\nprefix = //\n", "config:2: prefix = //"},
          {"[mpi a]\nprefix = /a\nprefix = /b\n", "config:3: [mpi a] has a prefix already"},
          {"[mpi a]\n\npreefix = /a\n", "config:3: 'preefix' is no key"},
          {"[mpi a]\nprefix = /a\ndefault = perhaps\n", "config:3: default = perhaps"},
          {"[mpi a]\nprefix=/a\ndefault=yes\n[mpi b]\nprefix=/b\ndefault=on\n",
           "config:6: there is a default"},
          {"[mpi a]\nprefix = /a\n[mpi b]\ndefault = yes\n", "config:3: [mpi b] has no prefix"}}) {
        const auto config = parse_config(text, "config");
        ASSERT_FALSE(config) << text;
        EXPECT_THAT(config.error().message, StartsWith(said)) << text;
        EXPECT_EQ(config.error().status, Status::ours);
        EXPECT_THAT(config.error().hint, HasSubstr("correct the file"));
    }
}

TEST(Configured, TheLaterGoesBeforeTheEarlierAndListsAddUp) {
    const auto options = parse_options({"img"}, both());
    ASSERT_TRUE(options) << options.error().message;
    EXPECT_EQ(options->pull, Pull::newer);
    EXPECT_TRUE(options->per_rank);
    EXPECT_THAT(options->volumes, ElementsAre("/data:/data", "/home/me:/me"));
    const auto above = both({{"MPI_PODMAN_PULL", "always"}, {"MPI_PODMAN_VOLUME", "/v:/v"}});
    EXPECT_EQ(parse_options({"img"}, above)->pull, Pull::always);
    EXPECT_EQ(parse_options({"--pull=missing", "img"}, above)->pull, Pull::missing);
    EXPECT_THAT(parse_options({"-v/t:/t", "img"}, above)->volumes,
                ElementsAre("/data:/data", "/home/me:/me", "/v:/v", "/t:/t"));
}

TEST(Configured, ASwitchCanBeUndone) {
    EXPECT_FALSE(parse_options({"--per-rank=no", "img"}, both())->per_rank);
    EXPECT_FALSE(parse_options({"img"}, both({{"MPI_PODMAN_PER_RANK", "no"}}))->per_rank);
    EXPECT_TRUE(parse_options({"--per-rank", "img"}, both({{"MPI_PODMAN_PER_RANK", "no"}}))->per_rank);
    EXPECT_FALSE(parse_options({"--per-rank=perhaps", "img"}));
    EXPECT_FALSE(parse_options({"--dry-run=no", "img"}));
}

TEST(Configured, WhatIsTypedOverrulesWhatItDoesNotGoWith) {
    const auto lingering = settings_of([](const std::string& name) {
        return name == "MPI_PODMAN_LINGER" ? std::optional<std::string>("60") : std::nullopt;
    });
    Configured configured;
    configured.variables = *lingering;
    EXPECT_EQ(parse_options({"img"}, configured)->linger, 60U);
    for (const char* typed : {"--per-rank", "--pid=host"}) {
        const auto options = parse_options({typed, "img"}, configured);
        ASSERT_TRUE(options) << options.error().message;
        EXPECT_EQ(options->linger, 0U);
    }
    EXPECT_EQ(parse_options({"--per-rank=no", "img"}, configured)->linger, 60U);
    EXPECT_FALSE(parse_options({"--per-rank", "--linger=60", "img"}, configured));
    EXPECT_TRUE(parse_options({"img"}, both())->per_rank);
    const auto options = parse_options({"--linger=9", "img"}, both());
    ASSERT_TRUE(options) << options.error().message;
    EXPECT_FALSE(options->per_rank);
    EXPECT_EQ(options->linger, 9U);
}

TEST(Configured, AProfileIsTakenFromEveryFileAndGoesBeforeThem) {
    const auto options = parse_options({"--profile=debug", "img"}, both());
    ASSERT_TRUE(options) << options.error().message;
    EXPECT_EQ(options->log_level, "debug");
    EXPECT_EQ(options->log_file, "/tmp/log");
    EXPECT_THAT(options->volumes, ElementsAre("/data:/data", "/home/me:/me", "/debug:/debug"));
    EXPECT_EQ(parse_options({"img"}, both())->log_level, "off");
    EXPECT_EQ(parse_options({"img"}, both({{"MPI_PODMAN_PROFILE", "debug"}}))->log_level, "debug");
    EXPECT_EQ(parse_options({"--profile=quiet", "img"}, both({{"MPI_PODMAN_PROFILE", "debug"}}))->log_level,
              "off");
    EXPECT_EQ(parse_options({"--profile=debug", "--log-level=off", "img"}, both())->log_level, "off");
}

TEST(Configured, AnUnknownProfileSaysWhichAreKnown) {
    const auto typed = parse_options({"--profile=gpu", "img"}, both());
    ASSERT_FALSE(typed);
    EXPECT_EQ(typed.error().status, Status::usage);
    EXPECT_EQ(typed.error().message, "no profile 'gpu' is configured on this node");
    EXPECT_EQ(typed.error().hint, "use one of: debug, quiet");
    const auto said = parse_options({"img"}, both({{"MPI_PODMAN_PROFILE", "gpu"}}));
    EXPECT_THAT(said.error().message, StartsWith("MPI_PODMAN_PROFILE: no profile 'gpu'"));
    EXPECT_THAT(parse_options({"--profile=a", "img"}).error().hint, HasSubstr("none is"));
}

TEST(Configured, AVariableThatIsWrongIsNamed) {
    const auto wrong = settings_of([](const std::string& name) {
        return name == "MPI_PODMAN_ENV_HOST" ? std::optional<std::string>("some") : std::nullopt;
    });
    ASSERT_FALSE(wrong);
    EXPECT_EQ(wrong.error().status, Status::usage);
    EXPECT_EQ(wrong.error().message, "MPI_PODMAN_ENV_HOST: --env-host=some: no such choice");
}

TEST(Configured, TheUsersFile) {
    const auto file = [](const Variables& variables) {
        return user_config_file([&](const std::string& name) {
            const auto found = variables.find(name);
            return found == variables.end() ? std::nullopt : std::optional(found->second);
        });
    };
    EXPECT_EQ(file({{"HOME", "/home/me"}}), "/home/me/.config/mpi-podman/config");
    EXPECT_EQ(file({{"HOME", "/home/me"}, {"XDG_CONFIG_HOME", "/c"}}), "/c/mpi-podman/config");
    EXPECT_EQ(file({{"HOME", "/home/me"}, {"XDG_CONFIG_HOME", "c"}}), "/home/me/.config/mpi-podman/config");
    EXPECT_EQ(file({{"HOME", "home"}}), "");
    EXPECT_EQ(file({}), "");
}

// What it says, with whatever was typed, is a configuration that says the same without.
TEST(Configured, ThePageIsAConfigurationThatSaysTheSame) {
    const std::vector<std::string> typed{"--profile=debug", "--env=A=b", "--no-cwd", "--env-host"};
    const auto page = config_page(both({{"MPI_PODMAN_LINGER", "0"}}), typed, {"MPI_PODMAN_PUL", "PATH"});
    EXPECT_THAT(page, HasSubstr("\npull = newer                            # user:1\n"));
    EXPECT_THAT(page, HasSubstr("\nno-cwd = yes                            # command line\n"));
    EXPECT_THAT(page, HasSubstr("\nenv-host = all "));
    EXPECT_THAT(page, HasSubstr("\nlinger = 0                              # MPI_PODMAN_LINGER\n"));
    EXPECT_THAT(page, HasSubstr("\npmi = auto                              # default\n"));
    EXPECT_THAT(page, HasSubstr("\n# MPI_PODMAN_PUL                        # no option has this variable\n"));
    EXPECT_THAT(page, Not(HasSubstr("PATH ")));
    auto again = parse_config(page + "\n[profile debug]\n", "page");
    ASSERT_TRUE(again) << again.error().message << "\n" << page;
    auto typed_then = typed;
    typed_then.emplace_back("img");
    EXPECT_EQ(*parse_options({"img"}, *again), *parse_options(typed_then, both()));
    EXPECT_EQ(again->mpis, both().mpis);
}

TEST(NamedMpi, ANameMeansItsPrefix) {
    const auto prefix = [](const std::vector<std::string>& argv, const Configured& configured) {
        return with_named_mpi(*parse_options(argv), configured.mpis)->mpi_prefix;
    };
    const auto of_site = *parse_config(site, "site");
    EXPECT_EQ(prefix({"--mpi=host:mpich", "img"}, of_site), "/opt/mpich");
    EXPECT_EQ(prefix({"--mpi", "host:openmpi-4.1", "img"}, of_site), "/opt/openmpi-4.1");
    EXPECT_EQ(prefix({"--mpi=host", "img"}, of_site), "/opt/openmpi-4.1");
    EXPECT_EQ(prefix({"--mpi=host", "--mpi-prefix=/opt/own", "img"}, of_site), "/opt/own");
    EXPECT_EQ(prefix({"--mpi=host", "img"}, {}), "");
    EXPECT_EQ(prefix({"img"}, of_site), "");
    EXPECT_EQ(prefix({"--check", "img"}, of_site), "/opt/openmpi-4.1");
    EXPECT_EQ(prefix({"--mpi=host", "img"}, both()), "/home/me/mpich");
    EXPECT_EQ(prefix({"--mpi=host:openmpi-4.1", "img"}, both()), "/opt/openmpi-4.1");
}

TEST(NamedMpi, AnUnknownNameSaysWhichAreKnown) {
    const auto options = *parse_options({"--mpi=host:intel", "img"});
    const auto unknown = with_named_mpi(options, parse_config(site, "site")->mpis);
    ASSERT_FALSE(unknown);
    EXPECT_EQ(unknown.error().status, Status::usage);
    EXPECT_THAT(unknown.error().message, HasSubstr("--mpi=host:intel"));
    EXPECT_EQ(unknown.error().hint, "use one of: openmpi-4.1, mpich");
    EXPECT_THAT(with_named_mpi(options, {}).error().hint, HasSubstr("has [mpi NAME]"));
}

TEST(OptionTable, EveryRowCanBeFoundAndConfiguredOnceEach) {
    std::vector<std::string> names;
    std::vector<char> letters;
    for (const auto& row : option_rows()) {
        EXPECT_EQ(option_row(row.name), &row);
        EXPECT_NE(std::string(row.help), "") << row.name;
        names.emplace_back(row.name);
        if (row.letter != '\0') {
            letters.push_back(row.letter);
        }
    }
    EXPECT_EQ(std::set<std::string>(names.begin(), names.end()).size(), names.size());
    EXPECT_EQ(std::set<char>(letters.begin(), letters.end()).size(), letters.size());
    EXPECT_EQ(variable_of(*option_row("env-host")), "MPI_PODMAN_ENV_HOST");
    EXPECT_EQ(option_row("nothing"), nullptr);
}

}  // namespace
}  // namespace mpi_podman
