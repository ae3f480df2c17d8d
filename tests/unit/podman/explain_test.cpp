#include "podman/explain.hpp"

#include <gtest/gtest.h>

namespace mpi_podman {
namespace {

Plan a_plan() {
    Plan plan;
    plan.podman = "podman";
    plan.image = "ring";
    plan.program = "./ring";
    plan.workdir = "/home/mpi";
    return plan;
}

/// What podman ended with and said, and what a user must read: parts of the message, and of the advice.
struct Row {
    const char* what;
    int status;
    std::string words;
    Status expected;
    std::string message;
    std::string hint;
};
void PrintTo(const Row& row, std::ostream* out) { *out << row.what; }

class Explained : public testing::TestWithParam<Row> {};

TEST_P(Explained, NamesTheCauseAndTheRemedy) {
    const auto& row = GetParam();
    const auto error = explain(a_plan(), row.status, row.words);
    EXPECT_EQ(static_cast<int>(error.status), static_cast<int>(row.expected));
    EXPECT_TRUE(error.message.starts_with(row.message)) << error.message;
    EXPECT_NE(error.hint.find(row.hint), std::string::npos) << error.hint;
    EXPECT_EQ(error.message.find('\n'), std::string::npos) << error.message;
    EXPECT_EQ(error.hint.find('\n'), std::string::npos) << error.hint;
}

const std::string not_found = "./ring was not found in ring, working directory /home/mpi";
const std::string not_runnable = "./ring cannot be executed in ring, working directory /home/mpi";

// Copied from podman 4.3.1 with crun 1.8.1, statuses too: 126 is also that of a container that cannot be set
// up.
const Row the_nodes[] = {
    {"hybrid cgroups", 126,
     "Error: OCI runtime error: crun: cgroups in hybrid mode not supported, drop all controllers from "
     "cgroupv2\n",
     Status::ours, "crun refuses this node's hybrid cgroup layout", "systemd.unified_cgroup_hierarchy=1"},
    {"no mqueue", 125, "Error: statfs /dev/mqueue: no such file or directory\n", Status::ours,
     "/dev/mqueue is not mounted on this node", "mount -t mqueue mqueue /dev/mqueue"},
    {"no subuid", 125,
     "Error: cannot find UID/GID for user mpi: no subuid ranges found for user \"mpi\" in /etc/subuid - "
     "check rootless mode in "
     "man pages.\n",
     Status::ours, "this user has no subuid range on this node", "usermod --add-subuids"},
    {"no subgid", 125,
     "Error: cannot find UID/GID for user mpi: no subgid ranges found for group \"mpi\" in /etc/subgid - "
     "check rootless mode in "
     "man pages.\n",
     Status::ours, "this user has no subgid range on this node", "--add-subgids"},
    {"few subuids", 125, "Error: creating container storage: not enough unused IDs in user namespace\n",
     Status::ours, "this user's subuid and subgid ranges are too small", "usermod --add-subuids"},
    {"few subuids for an image", 125,
     "Error: copying layers: potentially insufficient UIDs or GIDs available in user namespace (requested "
     "0:42 for "
     "/etc/shadow): Check /etc/subuid and /etc/subgid if configured locally: lchown /etc/shadow: invalid "
     "argument\n",
     Status::ours, "this user's subuid and subgid ranges are too small for the image",
     "usermod --add-subuids"},
    {"no newuidmap", 125,
     "Error: command required for rootless mode with multiple IDs: exec: \"newuidmap\": executable file "
     "not found in $PATH\n",
     Status::ours, "podman cannot map user ids on this node", "uidmap"},
    {"no space", 125, "Error: mounting storage for container: write /x: no space left on device\n",
     Status::ours, "podman: mounting storage for container: write /x: no space left on device",
     "podman system df"},
    {"few open files", 126, "Error: OCI runtime error: crun: openat2 `dev`: Too many open files\n",
     Status::ours, "podman: OCI runtime error: crun: openat2 `dev`: Too many open files", "ulimit -n"},
    {"a limit above the user's", 126,
     "Error: crun: setrlimit `RLIMIT_NOFILE`: Operation not permitted: OCI permission denied\n", Status::ours,
     "podman: crun: setrlimit `RLIMIT_NOFILE`: Operation not permitted", "--ulimit"},
};

// Podman 4.3.1 and crun 1.8.1 with more than the kernel takes, or less than they need.
const Row the_limits[] = {
    {"no thread for Go", 2,
     "runtime/cgo: pthread_create failed: Resource temporarily unavailable\nSIGABRT: abort\n"
     "PC=0x7fcb40704eec m=0 sigcode=18446744073709551610\n\nrax    0x0\ngs     0x0\n",
     Status::ours, "podman cannot start its threads: the limit of processes is reached", "ulimit -u"},
    {"no thread for Go, in its other words", 2,
     "runtime: failed to create new OS thread (have 4 already; errno=11)\nfatal error: newosproc\n",
     Status::ours, "podman cannot start its threads", "pause.pid"},
    {"no process for conmon", 125, "Error: fork/exec /usr/bin/conmon: resource temporarily unavailable\n",
     Status::ours, "podman cannot start its processes: the limit of processes is reached", "ulimit -u"},
    {"no room for podman's own start in its user namespace", 125,
     "failed to execvp podman: Argument list too long\n", Status::ours,
     "podman: failed to execvp podman: Argument list too long", "ulimit -s"},
    {"a source's name is too long", 125, "Error: statfs /yyy: file name too long\n", Status::ours,
     "podman: statfs /yyy: file name too long", "4095 bytes, and each name in it 255"},
    {"a target's name is too long", 126, "Error: OCI runtime error: crun: mkdir `/yyy`: File name too long\n",
     Status::ours, "podman: OCI runtime error: crun: mkdir `/yyy`: File name too long",
     "each name in it 255"},
    {"a program's name is too long", 126,
     "Error: OCI runtime error: crun: open executable: File name too long\n", Status::not_runnable,
     not_runnable + " (OCI runtime error: crun: open executable: File name too long)", "each name in it 255"},
    {"a variable of the image is too long", 1,
     "{\"msg\":\"exec container process `/usr/bin/true`: Argument list too "
     "long\",\"level\":\"error\",\"time\":\"2026-11-28T08:12:14\"}\n",
     Status::ours, "./ring cannot be started in ring: its variables and arguments are too long",
     "131071 bytes in each"},
};

const Row the_options[] = {
    {"a volume that is not there", 125, "Error: statfs /data: no such file or directory\n", Status::ours,
     "podman: statfs /data: no such file or directory", "--volume"},
    {"a volume nobody may read", 125, "Error: statfs /root/x: permission denied\n", Status::ours,
     "podman: statfs /root/x: permission denied", "readable"},
    {"a device that is not there", 125, "Error: stat /dev/nope: no such file or directory\n", Status::ours,
     "podman: stat /dev/nope: no such file or directory", ""},
    {"a GPU whose device is gone", 127,
     "Error: setting up CDI devices: failed to inject devices: failed to stat CDI host device "
     "\"/dev/nvidia0\": "
     "no such file or directory\n",
     Status::ours, "the node's CDI specification of its GPUs does not hold (podman: setting up CDI devices: ",
     "--gpus=none"},
    {"a runtime that breaks down", 126, "Error: OCI runtime error: crun: write to sync socket: Broken pipe\n",
     Status::ours,
     "the runtime broke down as it set the container up (podman: OCI runtime error: crun: write to",
     "a newer crun"},
    {"a runtime that is killed as it begins", 126,
     "container `1a546dfe` is not running\nError: `/usr/bin/crun start 1a546dfe` failed: exit status 1\n",
     Status::ours, "the runtime was killed as it began the container (podman: `/usr/bin/crun start",
     "see what killed it"},
    {"a runtime that is killed itself", 126, "Error: `/usr/bin/crun start 1a546dfe` failed: signal: killed\n",
     Status::ours, "the runtime was killed as it began the container (podman: `/usr/bin/crun start",
     "see what killed it"},
    {"an image that is not there", 125, "Error: nosuch:x: image not known\n", Status::ours,
     "podman: nosuch:x: image not known", "pull"},
    {"an option podman does not know", 125, "Error: unknown flag: --bogus\nSee 'podman run --help'\n",
     Status::ours, "podman: unknown flag: --bogus", "--podman-arg"},
    {"a name taken", 125,
     "Error: creating container storage: the container name \"dup\" is already in use by 8c0768ac. You have "
     "to remove that "
     "container to be able to reuse that name: that name is already in use\n",
     Status::ours, "podman: creating container storage: the container name \"dup\" is already in use", ""},
    {"a workdir that is not there", 126,
     "Error: workdir \"/nodir\" does not exist on container "
     "999087c83a609ea14388c0f6c2e50314277e02bda2bc4e99117bf0e8f9eeba43\n",
     Status::ours, "podman: workdir \"/nodir\" does not exist", "--workdir"},
    {"a hook that refuses", 126,
     "Error: OCI runtime error: crun: {\"msg\":\"error executing hook `/opt/hook` (exit code: "
     "1)\",\"level\":\"error\",\"time\":\"2026-11-21T08:12:14\"}\n",
     Status::ours,
     "an OCI hook refused the container (podman: OCI runtime error: crun: error executing hook `/opt/hook` "
     "(exit code: 1))",
     "run.oci.hooks.stderr=FILE"},
    {"a runtime that fails", 126,
     "time=\"2026-11-21T08:12:15Z\" level=error msg=\"Removing container 5eb3 from runtime after creation "
     "failed\"\n"
     "Error: container create failed (no logs from conmon): conmon bytes \"\": readObjectStart: expect { or "
     "n\n",
     Status::ours, "podman: container create failed", ""},
    {"an unknown security option", 125, "Error: invalid --security-opt 1: \"bogus\"\n", Status::ours,
     "podman: invalid --security-opt 1: \"bogus\"", "--dry-run"},
};

const Row the_program[] = {
    {"not in the image", 127,
     "Error: crun: executable file `./ring` not found in $PATH: No such file or directory: OCI runtime "
     "attempted to invoke a "
     "command that was not found\n",
     Status::not_found, not_found, "the current directory or a --volume"},
    {"not in the image, nothing said", 127, "", Status::not_found, not_found, "PATH"},
    {"not executable", 126, "Error: crun: open executable: Permission denied: OCI permission denied\n",
     Status::not_runnable, not_runnable + " (crun: open executable: Permission denied", "executable"},
    {"of another machine", 1,
     "{\"msg\":\"exec container process `/tmp/u/text`: Exec format "
     "error\",\"level\":\"error\",\"time\":\"2026-11-21T08:12:14\"}\n",
     Status::not_runnable, not_runnable + " (Exec format error)", "built for this machine"},
    {"with an interpreter that is not in the image", 1,
     "{\"msg\":\"exec container process (missing dynamic library?) `/tmp/u/interp`: No such file or "
     "directory\","
     "\"level\":\"error\",\"time\":\"2026-11-21T08:12:14\"}\n",
     Status::not_runnable, not_runnable + " (No such file or directory)", "interpreter or loader"},
    {"nothing at all", 125, "", Status::ours, "podman ended with status 125 and said nothing", "--dry-run"},
    {"something new", 125, "Error: the moon is full\n", Status::ours, "podman: the moon is full",
     "--dry-run"},
};

INSTANTIATE_TEST_SUITE_P(Node, Explained, testing::ValuesIn(the_nodes));
INSTANTIATE_TEST_SUITE_P(Limit, Explained, testing::ValuesIn(the_limits));
INSTANTIATE_TEST_SUITE_P(Option, Explained, testing::ValuesIn(the_options));
INSTANTIATE_TEST_SUITE_P(Program, Explained, testing::ValuesIn(the_program));

TEST(Explain, CallsTheImagesOwnCommandThat) {
    auto plan = a_plan();
    plan.program = "";
    plan.workdir = "";
    EXPECT_EQ(explain(plan, 127, "").message, "the image's command was not found in ring");
}

TEST(Explain, SurvivesWordsCutShort) {
    for (const char* words :
         {"Error: ", "Error:", "\n", "\n\n", "{\"msg\":\"exec container process",
          "{\"msg\":\"exec container process `", "{\"msg\":\"exec container process `/x`: "}) {
        EXPECT_NE(explain(a_plan(), 1, words).message, "") << words;
    }
}

TEST(NotStarted, IsOurFailureWithItsOwnAdviceWhereThereIsSome) {
    const auto missing = not_started({Status::not_runnable, "podman: Permission denied", ""});
    EXPECT_EQ(missing, (Error{Status::ours, "cannot start podman: podman: Permission denied",
                              "install podman 4.3 or newer, or give --podman PATH"}));
    const Error limit{Status::ours, "cannot start a process: Resource temporarily unavailable", "ulimit -u"};
    EXPECT_EQ(not_started(limit), limit);
}

TEST(LastWords, AreTheLastErrorWithoutItsPrefixOrTheLastLine) {
    EXPECT_EQ(last_words(""), "");
    EXPECT_EQ(last_words("Error: a\n"), "a");
    EXPECT_EQ(last_words("Error: a"), "a");
    EXPECT_EQ(last_words("log\nError: a\nError: b\nSee 'podman run --help'\n"), "b");
    EXPECT_EQ(last_words("one\ntwo\n\n"), "two");
    EXPECT_EQ(last_words("one"), "one");
    EXPECT_EQ(last_words("\n\n"), "");
}

TEST(NeverBegan, KnowsTheRuntimesLineAndPodmansOnly) {
    for (const auto* words : {"container `1a546dfe` is not running\n",
                              "Error: `/usr/bin/crun start 1a546dfe` failed: signal: killed\n"}) {
        EXPECT_TRUE(never_began(words)) << words;
        EXPECT_TRUE(is_from_runtime(words)) << words;
    }
    for (const auto* ranks : {"Error: `make` failed: status 1\n", "Error: `make` failed: signal: killed\n",
                              "a container `1a546dfe` is not running\n"}) {
        EXPECT_FALSE(never_began(ranks)) << ranks;
        EXPECT_FALSE(is_from_runtime(ranks)) << ranks;
    }
    EXPECT_FALSE(never_began("{\"msg\":\"exec container process `/x`: Exec format error\"}\n"));
}

TEST(IsExecFailure, KnowsTheRuntimesLineOnly) {
    EXPECT_TRUE(is_exec_failure(
        "{\"msg\":\"exec container process `/x`: Exec format error\",\"level\":\"error\"}\n"));
    EXPECT_FALSE(is_exec_failure(""));
    EXPECT_FALSE(is_exec_failure("Error: x"));
    EXPECT_FALSE(is_exec_failure("the rank says {\"msg\":\"exec container process"));
}

}  // namespace
}  // namespace mpi_podman
