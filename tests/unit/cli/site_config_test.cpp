#include "cli/site_config.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace mpi_podman {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;
using testing::StartsWith;

constexpr auto two = R"(# the site's MPIs

[mpi openmpi-4.1]
prefix = /opt/openmpi-4.1/   # of the module
default = yes

  [mpi mpich]
prefix=/opt/mpich
)";

Result<Options> options_with(const std::vector<std::string>& argv, const std::string& text) {
    return parse_options(argv).and_then([&](const Options& options) {
        return parse_site_config(text, "config").and_then([&](const SiteConfig& config) {
            return with_site_config(options, config);
        });
    });
}

TEST(SiteConfig, MpisByName) {
    const auto config = parse_site_config(two, "config");
    ASSERT_TRUE(config) << config.error().message;
    EXPECT_THAT(config->mpis, ElementsAre(ConfiguredMpi{"openmpi-4.1", "/opt/openmpi-4.1", true},
                                          ConfiguredMpi{"mpich", "/opt/mpich", false}));
    EXPECT_THAT(parse_site_config("", "config")->mpis, IsEmpty());
    EXPECT_THAT(parse_site_config("# nothing\n\n", "config")->mpis, IsEmpty());
}

struct Wrong {
    const char *text, *said;
};

TEST(SiteConfig, AWrongLineIsNamedByFileAndNumber) {
    for (const auto& [text, said] :
         {Wrong{"[mpi a]\nprefix /opt/a\n", "config:2: 'prefix /opt/a' is neither"},
          {"\n[mpi a\nprefix = /a\n", "config:2: '[mpi a' is neither"},
          {"prefix = /opt/a\n", "config:1: 'prefix' is in no section"},
          {"[mpi a]\nprefix = /opt/a\n[pmi b]\nprefix = /x\n", "config:4: [pmi b] is no section"},
          {"[mpi]\nprefix = /x\n", "config:2: [mpi] is no section"},
          {"[mpi a b]\nprefix = /x\n", "config:2: [mpi a b] is no section"},
          {"[mpi a]\nprefix = opt/a\n", "config:2: prefix = opt/a"},
          {"[mpi a]\nprefix = //\n", "config:2: prefix = //"},
          {"[mpi a]\nprefix = /a\nprefix = /b\n", "config:3: [mpi a] has a prefix already"},
          {"[mpi a]\n\npreefix = /a\n", "config:3: 'preefix' is no key"},
          {"[mpi a]\nprefix = /a\ndefault = perhaps\n", "config:3: default = perhaps"},
          {"[mpi a]\nprefix=/a\ndefault=yes\n[mpi b]\nprefix=/b\ndefault=on\n",
           "config:6: there is a default"},
          {"[mpi a]\nprefix = /a\n[mpi b]\ndefault = yes\n", "config:4: [mpi b] has no prefix"}}) {
        const auto config = parse_site_config(text, "config");
        ASSERT_FALSE(config) << text;
        EXPECT_THAT(config.error().message, StartsWith(said));
        EXPECT_THAT(config.error().hint, HasSubstr("correct the file"));
    }
}

TEST(SiteConfig, ANameMeansItsPrefix) {
    EXPECT_EQ(options_with({"--mpi=host:mpich", "img"}, two)->mpi_prefix, "/opt/mpich");
    EXPECT_EQ(options_with({"--mpi", "host:openmpi-4.1", "img"}, two)->mpi_prefix, "/opt/openmpi-4.1");
}

TEST(SiteConfig, WithoutANameTheDefaultIsMeant) {
    EXPECT_EQ(options_with({"--mpi=host", "img"}, two)->mpi_prefix, "/opt/openmpi-4.1");
    EXPECT_EQ(options_with({"--mpi=host", "--mpi-prefix=/opt/own", "img"}, two)->mpi_prefix, "/opt/own");
    EXPECT_EQ(options_with({"--mpi=host", "img"}, "[mpi a]\nprefix = /a\n")->mpi_prefix, "");
    EXPECT_EQ(options_with({"img"}, two)->mpi_prefix, "");
}

TEST(SiteConfig, AnUnknownNameSaysWhichAreKnown) {
    const auto unknown = options_with({"--mpi=host:intel", "img"}, two);
    ASSERT_FALSE(unknown);
    EXPECT_EQ(unknown.error().status, Status::usage);
    EXPECT_THAT(unknown.error().message, HasSubstr("--mpi=host:intel"));
    EXPECT_THAT(unknown.error().hint, HasSubstr("openmpi-4.1, mpich (/etc/mpi-podman/config)"));
    EXPECT_THAT(options_with({"--mpi=host:intel", "img"}, "").error().hint, HasSubstr("has no [mpi NAME]"));
}

}  // namespace
}  // namespace mpi_podman
