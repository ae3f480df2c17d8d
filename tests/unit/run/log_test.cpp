#include "run/log.hpp"

#include <gtest/gtest.h>
#include <spdlog/spdlog.h>

#include "unit/stderr_of.hpp"

namespace mpi_podman {
namespace {

using test::stderr_of;
using test::TemporaryDirectory;

Options at_level(const std::string& level, const std::string& file = {}) {
    Options options;
    options.log_level = level;
    options.log_file = file;
    return options;
}

/// What comes of a message at each of two levels.
std::string logged(const Options& options, const LauncherContext& context = {}) {
    return stderr_of([&] {
               if (!start_log(options, context, "node1")) {
                   return 1;
               }
               spdlog::debug("small");
               spdlog::error("big");
               return 0;
           })
        .text;
}

TEST(Log, IsOffByDefault) { EXPECT_EQ(logged(at_level("off")), ""); }

TEST(Log, TagsLinesWithNodeAndRank) {
    LauncherContext context;
    context.rank = 3;
    EXPECT_NE(logged(at_level("debug"), context).find(" [node1 rank 3] debug: small\n"), std::string::npos);
    EXPECT_NE(logged(at_level("debug")).find(" [node1 rank -] error: big\n"), std::string::npos);
}

TEST(Log, KnowsEveryLevelOfTheOption) {
    for (const char* level : {"info", "warn", "error"}) {
        const auto text = logged(at_level(level));
        EXPECT_EQ(text.find("small"), std::string::npos) << level;
        EXPECT_NE(text.find("big"), std::string::npos) << level;
    }
    EXPECT_EQ(logged(at_level("critical")), "");
    EXPECT_NE(logged(at_level("trace")).find("small"), std::string::npos);
}

TEST(Log, HoldsNothingThatATerminalObeysOrThatLooksLikeALineOfItsOwn) {
    const auto text = stderr_of([] {
                          if (!start_log(at_level("debug"), {}, "node1")) {
                              return 1;
                          }
                          spdlog::error("a\x1b[2J\nmpi-podman: node1: b\r%v");
                          return 0;
                      }).text;
    EXPECT_TRUE(text.ends_with("error: a?[2J\n\tmpi-podman: node1: b?%v\n")) << text;
}

TEST(Log, IsAppendedToAFile) {
    const TemporaryDirectory here;
    const auto file = here.file("log", "before\n");
    EXPECT_EQ(logged(at_level("error", file)), "") << "nothing on stderr then";
    EXPECT_TRUE(test::content_of(file).starts_with("before\n"));
    EXPECT_TRUE(test::content_of(file).ends_with("error: big\n"));
}

TEST(Log, FailsWhereTheFileCannotBeWritten) {
    const TemporaryDirectory here;
    const auto started = start_log(at_level("debug", here.path()), {}, "node1");
    ASSERT_FALSE(started);
    EXPECT_EQ(started.error().status, Status::ours);
    EXPECT_NE(started.error().message.find(here.path()), std::string::npos) << started.error().message;
    EXPECT_NE(started.error().hint.find("--log-file"), std::string::npos);
}

}  // namespace
}  // namespace mpi_podman
