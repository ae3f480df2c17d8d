#include "run/report.hpp"

#include <gtest/gtest.h>

#include "unit/stderr_of.hpp"

namespace mpi_podman {
namespace {

using test::stderr_of;
using test::TemporaryDirectory;

TEST(ToLine, NamesUsTheNodeWhatHappenedAndWhatToDo) {
    EXPECT_EQ(to_line({Status::ours, "it broke", "mend it"}, "node1"),
              "mpi-podman: node1: it broke; mend it\n");
    EXPECT_EQ(to_line({Status::ours, "it broke", ""}, "node1"), "mpi-podman: node1: it broke\n");
}

/// The line for an error with this message.
std::string line_of(const std::string& message) { return to_line({Status::ours, message, ""}, "n"); }

TEST(ToLine, NeutralisesWhatATerminalWouldObey) {
    for (int byte = 1; byte < 0x20; ++byte) {
        EXPECT_EQ(line_of("a" + std::string(1, static_cast<char>(byte)) + "b"), "mpi-podman: n: a?b\n")
            << byte;
    }
    EXPECT_EQ(line_of("a\x7f"
                      "b"),
              "mpi-podman: n: a?b\n");
    EXPECT_EQ(line_of("a\xc2\x80"
                      "b\xc2\x9b"
                      "c\xc2\x9f"
                      "d"),
              "mpi-podman: n: a?b?c?d\n");
    EXPECT_EQ(line_of("\x1b[2J\r\n"), "mpi-podman: n: ?[2J??\n");
    EXPECT_EQ(line_of("\xc2"), "mpi-podman: n: ?\n");
    EXPECT_EQ(to_line({Status::ours, "m", "h\n"}, "n\x1b"), "mpi-podman: n?: m; h?\n");
}

TEST(ToLine, LeavesTextAlone) {
    EXPECT_EQ(line_of("caf\xc3\xa9 \xe2\x82\xac \xc2\xa0 \xf0\x9f\x98\x80 ~!"),
              "mpi-podman: n: caf\xc3\xa9 \xe2\x82\xac \xc2\xa0 \xf0\x9f\x98\x80 ~!\n");
}

TEST(ToLine, KeepsBeginAndEndOfAPageOfPath) {
    const auto short_enough = std::string(2000, 'x');
    EXPECT_EQ(line_of(short_enough), "mpi-podman: n: " + short_enough + "\n");
    const auto line = line_of("statfs /" + std::string(130'000, 'y') + ": file name too long");
    EXPECT_LT(line.size(), 2000);
    EXPECT_TRUE(line.starts_with("mpi-podman: n: statfs /yyy")) << line;
    EXPECT_TRUE(line.ends_with("yyy: file name too long\n")) << line;
    EXPECT_NE(line.find("y ... y"), std::string::npos) << line;
    EXPECT_LT(to_line({Status::ours, "m", "podman image inspect " + std::string(130'000, 'y')}, "n").size(),
              2000);
}

TEST(ToLine, CutsNoCharacterInTwo) {
    for (std::size_t before = 0; before < 4; ++before) {
        std::string message(before, 'x');
        for (int i = 0; i < 2000; ++i) {
            message += "\xe2\x82\xac";
        }
        EXPECT_EQ(line_of(message + "z").find('?'), std::string::npos) << before;
    }
}

TEST(Report, ReturnsTheExitStatusAndWritesTheLine) {
    for (const auto status : {Status::usage, Status::ours, Status::not_runnable, Status::not_found}) {
        const auto written = stderr_of([&] { return report({status, "m", "h"}, "n", nullptr); });
        EXPECT_EQ(written.status, static_cast<int>(status));
        EXPECT_EQ(written.text, "mpi-podman: n: m; h\n");
    }
}

TEST(Report, WritesALineOnceInAJob) {
    const TemporaryDirectory here;
    const auto written = stderr_of([&] {
        const auto first = JobDirectory::join({here / "base"}, "job", 2);
        const auto second = JobDirectory::join({here / "base"}, "job", 2);
        const Error same{Status::ours, "same", "h"};
        report(same, "n", &*first);
        report(same, "n", &*second);
        report({Status::usage, "other", "h"}, "n", &*second);
        return report(same, "n", &*first);
    });
    EXPECT_EQ(written.text, "mpi-podman: n: same; h\nmpi-podman: n: other; h\n");
    EXPECT_EQ(written.status, 125) << "every rank fails, also those that say nothing";
}

}  // namespace
}  // namespace mpi_podman
