#include "unit/plan/decided.hpp"

namespace mpi_podman {
namespace {

using Words = std::vector<std::string>;

using DecideOn = test::Decide;

TEST_F(DecideOn, EveryFieldOfAPlainRank) {
    Plan expected;
    expected.podman = "podman";
    expected.image = "localhost/ring";
    expected.command = {"./ring"};
    expected.program = "./ring";
    expected.name = "mpi-podman-node1-4321";
    expected.job = "1271791617";
    expected.launcher = "mpirun (Open MPI 4)";
    expected.hostname = "node1";
    expected.keep_id = true;
    expected.mounts = {{"/home/mpi"}, {"/tmp/ompi.node1.1000/pid.4200"}};
    expected.workdir = "/home/mpi";
    expected.umask = 022;
    expected.limits = {{"nofile", "1024", "524288"}, {"nproc", "4000", "-1"}};
    expected.files_outside = "nofile=1024:524288";
    expected.pull = Pull::never;
    expected.pmi.of_launcher = Pmi::pmix;
    expected.pmi.reason =
        "the image has no MPI known by name, mpirun (Open MPI 4) offers PMIx: passed through";
    expected.rank = 1;
    expected.size = 4;
    expected.environment.inherited = {"HOME",
                                      "OMPI_MCA_orte_hnp_uri",
                                      "OMPI_MCA_orte_local_daemon_uri",
                                      "PMIX_NAMESPACE",
                                      "PMIX_RANK",
                                      "PMIX_SERVER_URI2",
                                      "USER"};
    expected.environment.set = {{"OMPI_MCA_btl_vader_single_copy_mechanism", "none"},
                                {"OMPI_MCA_smsc", "^cma"},
                                {"PWD", "/home/mpi"},
                                {"UCX_POSIX_USE_PROC_LINK", "n"}};
    EXPECT_EQ(plan(), expected);
}

TEST_F(DecideOn, ManyRanksOnFewCoresBeginTogether) {
    host.cores = 2;
    context.local_size = 48;
    EXPECT_EQ(plan().begin_together, 0U);
    context.local_size = 49;
    EXPECT_EQ(plan().begin_together, 49U);
    context.local_size.reset();
    EXPECT_EQ(plan().begin_together, 0U) << "how many is not known";
}

TEST_F(DecideOn, OverABridgeOpenMpiYieldsWhereItsRanksHaveTooFewCores) {
    const auto yields = [&] { return plan().environment.set.count("OMPI_MCA_mpi_yield_when_idle") != 0; };
    under_hydra();
    image.mpi.open_mpi = "/usr/lib/libmpi.so.40";
    image.mpi.mpich.clear();
    host.cores = 2;
    context.local_size = 3;
    EXPECT_TRUE(yields());
    context.local_size = 2;
    EXPECT_FALSE(yields());
    context.local_size = 3;
    environment.emplace("OMPI_MCA_mpi_yield_when_idle", "0");
    EXPECT_FALSE(yields()) << "what the user says stays";
    context = test::open_mpi_context();
    environment = test::open_mpi_environment();
    context.local_size = 3;
    EXPECT_FALSE(yields()) << "mpirun says it itself";
}

TEST_F(DecideOn, WhatTheUserTyped) {
    options.podman = "/opt/podman";
    options.command = {"a", "", "-b"};
    options.entrypoint = "";
    options.volumes = {"/a:/b"};
    options.devices = {"/dev/fuse"};
    options.security = {"seccomp=unconfined"};
    options.podman_arguments = {"--annotation=x"};
    const auto decided = plan();
    EXPECT_EQ(decided.podman, "/opt/podman");
    EXPECT_EQ(decided.command, (Words{"a", "", "-b"}));
    EXPECT_EQ(decided.program, "a");
    EXPECT_EQ(decided.entrypoint, "");
    EXPECT_EQ(decided.volumes, Words{"/a:/b"});
    EXPECT_EQ(decided.devices, Words{"/dev/fuse"});
    EXPECT_EQ(decided.security, Words{"seccomp=unconfined"});
    EXPECT_EQ(decided.podman_arguments, Words{"--annotation=x"});
}

TEST_F(DecideOn, UserIdsForRootAndOthers) {
    EXPECT_TRUE(plan().keep_id);
    EXPECT_FALSE(plan().keep_groups);
    host.supplementary_groups = true;
    EXPECT_TRUE(plan().keep_groups);
    as_root();
    EXPECT_FALSE(plan().keep_id);
    EXPECT_FALSE(plan().keep_groups);
}

TEST_F(DecideOn, TheUmask) {
    host.umask = 0077;
    EXPECT_EQ(plan().umask, 0077U);
}

TEST_F(DecideOn, LimitsThatTheUserReplaced) {
    options.ulimits = {"nofile=10:20", "core=0"};
    EXPECT_EQ(plan().limits, (std::vector<Limit>{{"nproc", "4000", "-1"}}));
    EXPECT_EQ(plan().typed_limits, (Words{"nofile=10:20", "core=0"}));
    EXPECT_EQ(plan().files_outside, "nofile=1024:524288") << "the wrapper raises its own whatever is typed";
    options.ulimits = {"host"};
    EXPECT_EQ(plan().limits, std::vector<Limit>{});
    options.ulimits = {"nofiles=1", "xnproc=1"};
    EXPECT_EQ(plan().limits.size(), 2U);
}

struct Streams {
    Stream in, out;
    bool interactive, terminal;
};

TEST_F(DecideOn, StdinAndTheTerminal) {
    using enum Stream;
    for (const auto& [in, out, interactive, terminal] :
         {Streams{null, other, false, false}, Streams{closed, other, false, false},
          Streams{other, other, true, false}, Streams{other, Stream::terminal, true, false},
          Streams{Stream::terminal, other, true, false}, Streams{Stream::terminal, null, true, false},
          Streams{Stream::terminal, Stream::terminal, true, true},
          Streams{null, Stream::terminal, false, false}, Streams{closed, closed, false, false}}) {
        host.in = in;
        host.out = out;
        EXPECT_EQ(plan().interactive, interactive) << static_cast<int>(in) << static_cast<int>(out);
        EXPECT_EQ(plan().terminal, terminal) << static_cast<int>(in) << static_cast<int>(out);
    }
}

TEST_F(DecideOn, PullingOnlyWhatIsNotHere) {
    options.pull = Pull::always;
    EXPECT_EQ(plan().pull, Pull::never) << "one rank has pulled it for the node";
    image.id = "";
    EXPECT_EQ(plan().pull, Pull::always);
}

TEST_F(DecideOn, TheSelinuxLabel) {
    EXPECT_EQ(plan().security, Words{});
    host.selinux = true;
    EXPECT_EQ(plan().security, Words{"label=disable"});
    options.security = {"seccomp=unconfined"};
    EXPECT_EQ(plan().security, (Words{"seccomp=unconfined", "label=disable"}));
    options.security = {"label=type:mine_t"};
    EXPECT_EQ(plan().security, Words{"label=type:mine_t"});
}

TEST_F(DecideOn, AContainersNameThatPodmanTakes) {
    host.hostname = "NODE-1.example_org";
    EXPECT_EQ(plan().name, "mpi-podman-NODE-1.example_org-4321");
    host.hostname =
        "n\xc3\xb6"
        "de 1/2";
    EXPECT_EQ(plan().name, "mpi-podman-n__de_1_2-4321");
}

TEST_F(DecideOn, AnEnvironmentThatPodmanCannotCarry) {
    environment["MINE"] = "\xff";
    ASSERT_FALSE(result());
    EXPECT_EQ(result().error().message,
              "the variable MINE holds bytes that are not UTF-8; podman would change them");
}

TEST_F(DecideOn, APidNamespaceOfItsOwnForOneLocalRankAlone) {
    options.pid = PidMode::private_;
    const auto refused = result();
    ASSERT_FALSE(refused);
    EXPECT_EQ(refused.error().status, Status::usage);
    EXPECT_TRUE(refused.error().message.starts_with("--pid=private with several ranks on a node: "))
        << refused.error().message;
    context.local_size = 1;
    context.local_rank = 0;
    EXPECT_EQ(plan().pid, PidMode::private_);
    without_launcher();
    EXPECT_EQ(plan().pid, PidMode::private_);
}

TEST_F(DecideOn, TooFewOpenFilesForPodman) {
    const auto with_hard_limit = [&](const char* hard) {
        host.limits = {{"nofile", "8", hard}};
        return result();
    };
    const auto refused = with_hard_limit("31");
    ASSERT_FALSE(refused);
    EXPECT_EQ(refused.error().message, "podman needs 32 open files, and the hard limit is 31");
    EXPECT_EQ(refused.error().status, Status::ours);
    EXPECT_TRUE(with_hard_limit("32"));
    EXPECT_TRUE(with_hard_limit("-1"));
}

TEST_F(DecideOn, ARankWithoutALauncher) {
    without_launcher();
    const auto decided = plan();
    EXPECT_EQ(decided.job, "");
    EXPECT_EQ(decided.mounts, std::vector<Mount>{{"/home/mpi"}});
    EXPECT_EQ(decided.environment.inherited, Words{"HOME"});
    EXPECT_EQ(decided.environment.set, (std::map<std::string, std::string>{{"PWD", "/home/mpi"}}));
}

TEST_F(DecideOn, TheSameTwice) { EXPECT_EQ(plan(), plan()); }

}  // namespace
}  // namespace mpi_podman
