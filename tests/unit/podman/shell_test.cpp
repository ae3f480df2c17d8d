#include <fcntl.h>
#include <gtest/gtest.h>

#include "podman/render.hpp"
#include "sys/process.hpp"
#include "unit/child_process.hpp"
#include "unit/temporary_directory.hpp"

namespace mpi_podman {
namespace {

using test::TemporaryDirectory;

/// What /bin/sh prints when it runs this text.
std::string shell_output(const std::string& text) {
    const TemporaryDirectory here;
    const Fd out(::open((here / "out").c_str(), O_WRONLY | O_CREAT | O_CLOEXEC, 0600));
    auto shell = spawn({{"/bin/sh", here.file("script", text)}, -1, out.get(), STDERR_FILENO});
    EXPECT_TRUE(shell);
    EXPECT_EQ(shell->wait(), (Ending{0, 0})) << text;
    return test::content_of(here / "out");
}

std::string read_back(const std::string& word) { return shell_output("printf '<%s>' " + shell_quote(word)); }

TEST(ShellQuote, LeavesPlainWordsAlone) {
    for (const char* word : {"a", "--env=PATH", "localhost/ring:1", "a_b-c+d.e,f@g%h", "0"}) {
        EXPECT_EQ(shell_quote(word), word);
    }
}

TEST(ShellQuote, QuotesWhatAShellWouldRead) {
    EXPECT_EQ(shell_quote(""), "''");
    EXPECT_EQ(shell_quote("a b"), "'a b'");
    EXPECT_EQ(shell_quote("it's"), "'it'\\''s'");
    for (const char* word :
         {"$x", "`x`", "a;b", "a&b", "a|b", "<a",    ">a", "(a)", "*",  "?",          "[a]",
          "~",  "!",   "#a",  "\\",  "\"",  "{a,b}", "^",  "\n",  "\t", "caf\xc3\xa9"}) {
        EXPECT_EQ(shell_quote(word), "'" + std::string(word) + "'");
    }
}

TEST(ShellQuote, BringsEveryByteThroughAShell) {
    std::string script;
    std::string expected;
    for (int byte = 1; byte < 256; ++byte) {
        const std::string word(1, static_cast<char>(byte));
        script += "printf '<%s>' " + shell_quote(word) + "\n";
        expected += "<" + word + ">";
    }
    EXPECT_EQ(shell_output(script), expected);
}

TEST(ShellQuote, BringsAllBytesInOneWordThroughAShell) {
    std::string all;
    for (int byte = 1; byte < 256; ++byte) {
        all += static_cast<char>(byte);
    }
    EXPECT_EQ(read_back(all), "<" + all + ">");
    EXPECT_EQ(read_back("'''"), "<'''>");
    EXPECT_EQ(read_back("-n"), "<-n>");
    EXPECT_EQ(read_back(""), "<>");
}

Plan with_awkward_words(const std::string& podman) {
    Plan plan;
    plan.podman = podman;
    plan.image = "img";
    plan.command = {"sh", "-c", "echo \"$HOME\" 'it'\n", "", "*"};
    plan.name = "n";
    plan.mounts = {{"/a b"}};
    plan.environment.set = {{"A", "x y"}};
    return plan;
}

TEST(RenderShell, GivesOneWordALine) {
    Plan plan;
    plan.podman = "podman";
    plan.image = "img";
    plan.command = {"./my ring"};
    plan.name = "n";
    plan.pmi_fd = 8;
    plan.pmi.reason = "as ever";
    EXPECT_EQ(render_shell(plan),
              "podman \\\n    --log-level=error \\\n    --cgroup-manager=cgroupfs \\\n    "
              "--events-backend=none \\\n    run \\\n"
              "    --rm \\\n    --name=n \\\n    --pull=missing \\\n    --preserve-fds=1 \\\n    "
              "--log-driver=none \\\n"
              "    --userns=keep-id \\\n    --net=host \\\n    --ipc=host \\\n    --uts=host \\\n    "
              "--pid=host \\\n"
              "    --umask=0022 \\\n    img \\\n    './my ring' \\\n    3<&8\n# PMI: as ever\n");
}

TEST(RenderShell, PastedIntoAShellRunsTheSameWords) {
    const TemporaryDirectory here;
    const auto podman = here.file("my podman", "#!/bin/sh\nprintf '<%s>' \"$@\"\n", 0755);
    const auto plan = with_awkward_words(podman);
    std::string expected;
    auto argv = render(plan);
    for (auto word = argv.begin() + 1; word != argv.end(); ++word) {
        expected += "<" + *word + ">";
    }
    EXPECT_EQ(shell_output(render_shell(plan)), expected);
}

TEST(RenderShell, PastedIntoAShellHandsThePmiFdOn) {
    const TemporaryDirectory here;
    auto plan = with_awkward_words(here.file("podman", "#!/bin/sh\ncat <&3\n", 0755));
    plan.pmi_fd = 8;
    EXPECT_EQ(shell_output("exec 8<" + here.file("fd8", "what fd 8 holds") + "\n" + render_shell(plan)),
              "what fd 8 holds");
}

}  // namespace
}  // namespace mpi_podman
