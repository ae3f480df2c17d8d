// The podman command of every launcher and of some options, word for word: tests/golden/NAME.txt.
// MPI_PODMAN_ACCEPT=1 rewrites the files; read what changed (git diff) before you keep it.
#include <gtest/gtest.h>

#include <set>

#include "golden/accepted.hpp"
#include "podman/render.hpp"
#include "unit/launcher/fixture.hpp"
#include "unit/sample_facts.hpp"
#include "unit/temporary_directory.hpp"

namespace mpi_podman {
namespace {

/// All that a plan is made from; the environment by its fixture.
struct Given {
    std::string environ_name;
    Options options = test::sample_options();
    HostFacts host = test::sample_host();
    ImageFacts image = test::sample_image();
};

struct Case {
    std::string name;
    Given given;
};
void PrintTo(const Case& golden, std::ostream* out) { *out << golden.name; }

/// The command as --dry-run prints it, or the failure.
std::string rendered(Given given) {
    const auto environment = environ_of(given.environ_name);
    const auto plan =
        launcher_context(environment, every_fd_is_a_socket).and_then([&](const LauncherContext& context) {
            given.host.present.insert(context.session_paths.begin(), context.session_paths.end());
            return decide(given.options, context, environment, given.host, given.image);
        });
    return plan ? render_shell(*plan)
                : "fails with status " + std::to_string(static_cast<int>(plan.error().status)) + "\n" +
                      plan.error().message + "\n" + plan.error().hint + "\n";
}

std::vector<Case> each_launcher() {
    std::vector<Case> cases;
    for (const auto& file : test::names_in(environ_directory().string())) {
        const auto name = std::filesystem::path(file).stem().string();
        cases.push_back({"launcher-" + name, {name}});
    }
    return cases;
}

Case option(const std::string& name, const std::string& environ_name, void (*change)(Given&)) {
    Given given{environ_name};
    change(given);
    return {"option-" + name, given};
}

std::vector<Case> options() {
    return {
        option("env-host-all", "open-mpi-4", [](Given& g) { g.options.env_host = EnvHost::all; }),
        option("env-host-all-hydra", "hydra", [](Given& g) { g.options.env_host = EnvHost::all; }),
        option("env-host-launcher", "open-mpi-4", [](Given& g) { g.options.env_host = EnvHost::launcher; }),
        option("env-and-unsetenv", "hydra",
               [](Given& g) {
                   g.options.environment = {"PATH", "GREETING=it's a \"test\"", "USER=other"};
                   g.options.unset = {"SHELL", "GFORTRAN_UNBUFFERED_PRECONNECTED", "BAKED_INTO_THE_IMAGE"};
               }),
        option("pmi-none", "hydra", [](Given& g) { g.options.pmi = PmiChoice::none; }),
        option("pid-private", "slurm-22.05-salloc", [](Given& g) { g.options.pid = PidMode::private_; }),
        option("pid-private-refused", "open-mpi-4", [](Given& g) { g.options.pid = PidMode::private_; }),
        option("volumes", "open-mpi-4",
               [](Given& g) {
                   g.options.volumes = {"/data:/data:ro", "/elsewhere:/home/mpi", "scratch:/scratch"};
               }),
        option("workdir", "open-mpi-4", [](Given& g) { g.options.workdir = "/work dir"; }),
        option("no-cwd", "open-mpi-4", [](Given& g) { g.options.no_cwd = true; }),
        option("entrypoint", "open-mpi-4",
               [](Given& g) {
                   g.options.entrypoint = "/bin/sh";
                   g.options.command = {"-c", "echo \"$PMIX_RANK\" | cat\n", "it's", ""};
               }),
        option("entrypoint-none", "open-mpi-4",
               [](Given& g) {
                   g.options.entrypoint = "";
                   g.image.entrypoint = {"/entry"};
               }),
        option("everything-else", "open-mpi-4",
               [](Given& g) {
                   g.options.devices = {"/dev/infiniband/uverbs0"};
                   g.options.ulimits = {"memlock=-1:-1", "nofile=2000"};
                   g.options.security = {"seccomp=unconfined"};
                   g.options.podman_arguments = {"--annotation=run.oci.x=1", "-t"};
                   g.options.podman = "/opt/podman 5/bin/podman";
               }),
        option("pull-newer", "open-mpi-4",
               [](Given& g) {
                   g.options.pull = Pull::newer;
                   g.image.id = "";
               }),
    };
}

std::vector<Case> hosts_and_images() {
    return {
        option("root", "open-mpi-4", [](Given& g) { g.host.uid = 0; }),
        option("groups", "open-mpi-4", [](Given& g) { g.host.supplementary_groups = true; }),
        option("selinux", "open-mpi-4", [](Given& g) { g.host.selinux = true; }),
        option("umask", "open-mpi-4", [](Given& g) { g.host.umask = 0077; }),
        option("stdin", "open-mpi-4", [](Given& g) { g.host.in = Stream::other; }),
        option("terminal", "slurm-22.05-salloc", [](Given& g) { g.host.in = g.host.out = Stream::terminal; }),
        option("system-directory", "open-mpi-4", [](Given& g) { g.host.cwd = "/usr/share/doc"; }),
        option("directory-with-colon", "open-mpi-4", [](Given& g) { g.host.cwd = "/data/run:1 a"; }),
        option("program-of-the-image", "open-mpi-4",
               [](Given& g) {
                   g.image.workdir = "/app";
                   g.image.workdir_has_program = true;
               }),
        option("image-without-tmp", "open-mpi-4", [](Given& g) { g.image.lacks_tmp = true; }),
        option("mpich-image-under-pmix", "open-mpi-4",
               [](Given& g) { g.image.mpi.mpich = "/usr/lib/libmpich.so.12"; }),
        option("open-mpi-image-under-hydra", "hydra",
               [](Given& g) { g.image.mpi.open_mpi = "/usr/lib/libmpi.so.40"; }),
        option("open-mpi-image-under-pmi2", "slurm-22.05-pmi2",
               [](Given& g) { g.image.mpi.open_mpi = "/usr/lib/libmpi.so.40"; }),
    };
}

/// What look_for_host_mpi() would have found.
void with_host_mpi(Given& given) {
    given.options.mpi = MpiFrom::host;
    given.host.mpi_mounts = {
        {"/usr/lib/libmpi.so.40.30.4", std::string(host_mpi_directory) + "/libmpi.so.40"},
        {"/usr/lib/openmpi", "/usr/lib/openmpi"},
        {"/etc/openmpi", "/etc/openmpi"}};
    given.host.devices = {{"/dev/infiniband", "/dev/xpmem"}, {}, {}};
    given.image.mpi = {"/usr/lib/libmpi.so.40.30.4", "", "libmpi.so.40.30.4"};
}

std::vector<Case> host_mpis() {
    return {
        option("mpi-host", "open-mpi-4", with_host_mpi),
        option("mpi-host-prefix", "open-mpi-4",
               [](Given& g) {
                   with_host_mpi(g);
                   g.options.mpi_prefix = "/opt/openmpi";
                   g.options.abi = AbiCheck::strict;
               }),
        option("mpi-host-and-own-words", "open-mpi-4",
               [](Given& g) {
                   with_host_mpi(g);
                   g.image.environment.emplace_back("LD_LIBRARY_PATH=/image/lib");
                   g.options.volumes = {"/etc/my-openmpi:/etc/openmpi:ro"};
                   g.options.devices = {"/dev/xpmem"};
               }),
        option("mpi-host-under-hydra", "hydra", with_host_mpi),
    };
}

class Golden : public testing::TestWithParam<Case> {};

TEST_P(Golden, CommandIsTheAcceptedOne) {
    const auto& [name, given] = GetParam();
    test::expect_accepted(name, rendered(given));
}

std::string name_of_test(const testing::TestParamInfo<Case>& info) {
    std::string name = info.param.name;
    std::replace_if(
        name.begin(), name.end(), [](unsigned char c) { return std::isalnum(c) == 0; }, '_');
    return name;
}

INSTANTIATE_TEST_SUITE_P(Launcher, Golden, testing::ValuesIn(each_launcher()), name_of_test);
INSTANTIATE_TEST_SUITE_P(Option, Golden, testing::ValuesIn(options()), name_of_test);
INSTANTIATE_TEST_SUITE_P(HostMpi, Golden, testing::ValuesIn(host_mpis()), name_of_test);
INSTANTIATE_TEST_SUITE_P(Fact, Golden, testing::ValuesIn(hosts_and_images()), name_of_test);

TEST(GoldenFiles, AskPodmanForNoPrivilegeThatItDoesNotGiveAnyContainer) {
    constexpr std::string_view asked_for = "option-everything-else";  // --security-opt, as somebody types it
    for (const auto& cases : {each_launcher(), options(), host_mpis(), hosts_and_images()}) {
        for (const auto& golden : cases) {
            const auto text = golden.name == asked_for ? "" : rendered(golden.given);
            for (const auto* word : {"--privileged", "--cap-add", "unconfined", "unmask", "--userns=host"}) {
                EXPECT_EQ(text.find(word), std::string::npos) << golden.name << ": " << word;
            }
        }
    }
}

TEST(GoldenFiles, AreEachOfACase) {
    std::set<std::string> known{"accepted.hpp", "golden_test.cpp"};
    for (const auto& cases : {each_launcher(), options(), host_mpis(), hosts_and_images()}) {
        for (const auto& golden : cases) {
            known.insert(golden.name + ".txt");
        }
    }
    for (const auto& file : test::names_in(MPI_PODMAN_GOLDEN)) {
        EXPECT_TRUE(known.contains(file) || file.starts_with("check"))
            << file << " belongs to no case: remove it";
    }
}

}  // namespace
}  // namespace mpi_podman
