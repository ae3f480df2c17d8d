#include "podman/render.hpp"

#include <gtest/gtest.h>

#include <algorithm>

namespace mpi_podman {
namespace {

using Words = std::vector<std::string>;

Plan smallest() {
    Plan plan;
    plan.podman = "podman";
    plan.image = "img";
    plan.name = "mpi-podman-node1-1";
    return plan;
}

const Words smallest_argv{"podman",
                          "--log-level=error",
                          "--cgroup-manager=cgroupfs",
                          "--events-backend=none",
                          "run",
                          "--rm",
                          "--name=mpi-podman-node1-1",
                          "--pull=missing",
                          "--log-driver=none",
                          "--userns=keep-id",
                          "--net=host",
                          "--ipc=host",
                          "--uts=host",
                          "--pid=host",
                          "--umask=0022",
                          "img"};

TEST(Render, TheSmallestPlan) { EXPECT_EQ(render(smallest()), smallest_argv); }

/// One field of a plan and what it changes on podman's command line, in its order.
struct Rendering {
    const char* what;
    void (*change)(Plan&);
    Words added;
    Words removed;
};
void PrintTo(const Rendering& row, std::ostream* out) { *out << row.what; }

/// The words of `words` that are not in `others`, each as often as it is there once more.
Words without(const Words& words, Words others) {
    Words rest;
    for (const auto& word : words) {
        const auto found = std::find(others.begin(), others.end(), word);
        found == others.end() ? rest.push_back(word) : static_cast<void>(others.erase(found));
    }
    return rest;
}

class RenderedField : public testing::TestWithParam<Rendering> {};

TEST_P(RenderedField, ChangesTheseWordsAndNoOther) {
    auto plan = smallest();
    GetParam().change(plan);
    const auto argv = render(plan);
    EXPECT_EQ(without(argv, smallest_argv), GetParam().added);
    EXPECT_EQ(without(smallest_argv, argv), GetParam().removed);
}

const Rendering rows[] = {
    {"podman", [](Plan& p) { p.podman = "/opt/my podman"; }, {"/opt/my podman"}, {"podman"}},
    {"image", [](Plan& p) { p.image = "quay.io/a:1"; }, {"quay.io/a:1"}, {"img"}},
    {"command",
     [](Plan& p) {
         p.command = {"a", "", "--env=X", "b c"};
     },
     {"a", "", "--env=X", "b c"},
     {}},
    {"program is for messages only", [](Plan& p) { p.program = "./x"; }, {}, {}},
    {"entrypoint", [](Plan& p) { p.entrypoint = "/bin/sh"; }, {"--entrypoint=/bin/sh"}, {}},
    {"no entrypoint", [](Plan& p) { p.entrypoint = ""; }, {"--entrypoint="}, {}},
    {"name", [](Plan& p) { p.name = "n"; }, {"--name=n"}, {"--name=mpi-podman-node1-1"}},
    {"job", [](Plan& p) { p.job = "slurm-42.0"; }, {"--label=mpi-podman.job=slurm-42.0"}, {}},
    {"root", [](Plan& p) { p.keep_id = false; }, {"--pids-limit=0"}, {"--userns=keep-id"}},
    {"groups", [](Plan& p) { p.keep_groups = true; }, {"--group-add=keep-groups"}, {}},
    {"private pids", [](Plan& p) { p.pid = PidMode::private_; }, {"--init"}, {"--pid=host"}},
    {"mounts",
     [](Plan& p) {
         p.mounts = {{"/a"}, {"/b c"}};
     },
     {"--volume=/a:/a", "--volume=/b c:/b c"},
     {}},
    {"a mount with a colon",
     [](Plan& p) { p.mounts = {{"/a:b"}}; },
     {"--mount=type=bind,source=/a:b,target=/a:b"},
     {}},
    {"a mount with a comma", [](Plan& p) { p.mounts = {{"/a,b"}}; }, {"--volume=/a,b:/a,b"}, {}},
    {"volumes",
     [](Plan& p) {
         p.volumes = {"/x:/y:ro", "v:/w"};
     },
     {"--volume=/x:/y:ro", "--volume=v:/w"},
     {}},
    {"what is hidden",
     [](Plan& p) {
         p.hidden = {"/x", "/a:b"};
     },
     {"--tmpfs=/x:ro,size=4k,mode=0555,notmpcopyup",
      "--mount=type=tmpfs,target=/a:b,ro=true,tmpfs-size=4k,tmpfs-mode=0555,notmpcopyup"},
     {}},
    {"the host's MPI",
     [](Plan& p) {
         p.mpi_from = "host, ABI check major";
         p.mpi_mounts = {{"/usr/lib/libmpi.so.40.30.4", "/run/m/libmpi.so.40"}, {"/a:b", "/c"}};
     },
     {"--label=mpi-podman.mpi=host, ABI check major",
      "--volume=/usr/lib/libmpi.so.40.30.4:/run/m/libmpi.so.40:ro",
      "--mount=type=bind,source=/a:b,target=/c,ro=true"},
     {}},
    {"workdir", [](Plan& p) { p.workdir = "/w"; }, {"--workdir=/w"}, {}},
    {"umask", [](Plan& p) { p.umask = 0007; }, {"--umask=0007"}, {"--umask=0022"}},
    {"limits",
     [](Plan& p) {
         p.limits = {{"nofile", "10", "20"}, {"nproc", "-1", "-1"}};
     },
     {"--ulimit=nofile=10:20", "--ulimit=nproc=-1:-1"},
     {}},
    {"typed limits", [](Plan& p) { p.typed_limits = {"core=0"}; }, {"--ulimit=core=0"}, {}},
    {"stdin", [](Plan& p) { p.interactive = true; }, {"--interactive"}, {}},
    {"terminal", [](Plan& p) { p.terminal = true; }, {"--tty", "--detach-keys="}, {}},
    {"PMI fd", [](Plan& p) { p.pmi_fd = 8; }, {"--preserve-fds=1"}, {}},
    {"inherited",
     [](Plan& p) {
         p.environment.inherited = {"A", "B"};
     },
     {"--env=A", "--env=B"},
     {}},
    {"set",
     [](Plan& p) {
         p.environment.set = {{"A", ""}, {"B", "x=y\nz"}};
     },
     {"--env=A=", "--env=B=x=y\nz"},
     {}},
    {"unset", [](Plan& p) { p.environment.unset = {"A"}; }, {"--unsetenv=A"}, {}},
    {"pull", [](Plan& p) { p.pull = Pull::newer; }, {"--pull=newer"}, {"--pull=missing"}},
    {"devices", [](Plan& p) { p.devices = {"/dev/fuse"}; }, {"--device=/dev/fuse"}, {}},
    {"security", [](Plan& p) { p.security = {"label=disable"}; }, {"--security-opt=label=disable"}, {}},
    {"podman's own",
     [](Plan& p) {
         p.podman_arguments = {"-t", "--annotation", "a=b"};
     },
     {"-t", "--annotation", "a=b"},
     {}},
};

INSTANTIATE_TEST_SUITE_P(Each, RenderedField, testing::ValuesIn(rows));

TEST(Render, NamesThePidfileWhereThereIsOne) {
    EXPECT_EQ(without(render(smallest(), {"/run/x/pid", ""}), smallest_argv),
              (Words{"--pidfile=/run/x/pid", "--log-driver=passthrough"}));
    auto plan = smallest();
    plan.stdin_is_terminal = true;
    EXPECT_EQ(without(render(plan, {"/run/x/pid", ""}), smallest_argv), Words{"--pidfile=/run/x/pid"})
        << "podman hands no terminals on";
}

TEST(Render, NamesTheFileOfTheIdWhereThereIsOne) {
    EXPECT_EQ(without(render(smallest(), {"", "/run/x/id"}), smallest_argv), Words{"--cidfile=/run/x/id"});
    const NodeCommand command{"/agent", "", "1:1", "/run/x/id"};
    const auto argv = render_node(smallest(), command);
    EXPECT_EQ(std::count(argv.begin(), argv.end(), "--cidfile=/run/x/id"), 1);
}

TEST(Render, PutsTheImageBehindEveryOptionAndTheCommandBehindTheImage) {
    auto plan = smallest();
    plan.podman_arguments = {"--last"};
    plan.command = {"cmd", "--rm"};
    const auto argv = render(plan);
    EXPECT_EQ(Words(argv.end() - 4, argv.end()), (Words{"--last", "img", "cmd", "--rm"}));
}

TEST(Render, LetsWhatTheUserTypedComeLast) {
    auto plan = smallest();
    plan.limits = {{"nofile", "1", "1"}};
    plan.typed_limits = {"nofile=2"};
    plan.mounts = {{"/a"}};
    plan.volumes = {"/b:/c"};
    plan.environment.inherited = {"A"};
    plan.environment.set = {{"B", "1"}};
    const auto argv = render(plan);
    const auto position = [&](const char* word) { return std::find(argv.begin(), argv.end(), word); };
    EXPECT_LT(position("--ulimit=nofile=1:1"), position("--ulimit=nofile=2"));
    EXPECT_LT(position("--volume=/a:/a"), position("--volume=/b:/c"));
    EXPECT_LT(position("--env=A"), position("--env=B=1"));
    EXPECT_NE(position("--env=B=1"), argv.end());
}

TEST(Render, LeavesValuesToPodmansOwnEnvironmentButForThoseItHeeds) {
    auto plan = smallest();
    plan.environment.set = {{"SECRET", "x"}, {"HOME", "/h"}, {"XDG_RUNTIME_DIR", "/r"}, {"GOGC", "1"}};
    EXPECT_EQ(without(render(plan, {"/run/x/pid", ""}), smallest_argv),
              (Words{"--pidfile=/run/x/pid", "--log-driver=passthrough", "--env=GOGC=1", "--env=HOME=/h",
                     "--env=SECRET", "--env=XDG_RUNTIME_DIR=/r"}));
}

TEST(Render, NamesNoJobWhereTheContainerOutlivesIt) {
    auto plan = smallest();
    plan.job = "job";
    const auto has = [&](const char* word) {
        const auto argv = render_node(plan, {"/agent", {}, "1:1"});
        return std::find(argv.begin(), argv.end(), word) != argv.end();
    };
    EXPECT_TRUE(has("--label=mpi-podman.job=job"));
    EXPECT_FALSE(has("--http-proxy=false"));
    plan.linger = 60;
    EXPECT_FALSE(has("--label=mpi-podman.job=job"));
    EXPECT_TRUE(has("--label=mpi-podman.linger=60"));
    EXPECT_TRUE(has("--http-proxy=false"));
}

TEST(Render, SharesNamespacesWithTheFirstContainerOfAJob) {
    auto plan = smallest();
    plan.keep_id = true;
    const auto words = [&] { return render_node(plan, {"/agent", "first", "1:1"}); };
    const auto has = [&](const char* word) {
        const auto argv = words();
        return std::find(argv.begin(), argv.end(), word) != argv.end();
    };
    plan.pid = PidMode::private_;
    EXPECT_TRUE(has("--userns=container:first") && has("--pid=container:first") && has("--user=1:1"));
    plan.pid = PidMode::host;
    EXPECT_TRUE(has("--userns=container:first") && has("--pid=host") && has("--user=1:1"));
}

TEST(Render, ShowsNoInheritedValue) {
    auto plan = smallest();
    plan.environment.inherited = {"SECRET"};
    for (const auto& word : render(plan)) {
        EXPECT_EQ(word.find("SECRET="), std::string::npos) << word;
    }
}

}  // namespace
}  // namespace mpi_podman
