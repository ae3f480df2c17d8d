// Where a job's directory may be, and who may own it.
#include <gtest/gtest.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <unistd.h>

#include "run/job_directory.hpp"
#include "unit/temporary_directory.hpp"

namespace mpi_podman {
namespace {

using Words = std::vector<std::string>;
using test::TemporaryDirectory;

unsigned mode_of(const std::string& path) {
    struct stat info {};
    return ::lstat(path.c_str(), &info) == 0 ? info.st_mode & 07777U : 0U;
}

TEST(JobDirectoryBases, AreTheUsersOwnPlacesTheBestFirst) {
    LauncherContext context;
    context.session_directory = "/tmp/ompi.node1.1000/pid.4200";
    const Environment environment{{"HOME", "/home/mpi"}, {"XDG_RUNTIME_DIR", "/run/user/77"}};
    EXPECT_EQ(job_directory_bases(context, environment, 1000, "node1"),
              (Words{"/tmp/ompi.node1.1000/pid.4200/mpi-podman", "/run/user/77/mpi-podman",
                     "/run/user/1000/mpi-podman", "/home/mpi/.cache/mpi-podman/node1"}));
}

TEST(JobDirectoryBases, NeedNeitherSessionNorRuntimeDirectoryNorHome) {
    EXPECT_EQ(job_directory_bases({}, {{"HOME", "/home/mpi"}}, 0, "n/../1"),
              (Words{"/run/user/0/mpi-podman", "/home/mpi/.cache/mpi-podman/n_.._1"}));
    EXPECT_EQ(job_directory_bases({}, {{"HOME", ""}, {"XDG_RUNTIME_DIR", "relative"}}, 5, "n"),
              Words{"/run/user/5/mpi-podman"});
}

LauncherContext of_job(const std::string& job) {
    LauncherContext context;
    context.launcher = Launcher::prrte;
    context.job = job;
    return context;
}

TEST(JobDirectoryName, IsTheJobs) {
    EXPECT_EQ(job_directory_name(of_job("1271791617")), "1271791617");
    EXPECT_EQ(job_directory_name(of_job("prterun-node1-4200@1")), "prterun-node1-4200_1");
    EXPECT_EQ(job_directory_name(of_job("slurm-42.0")), "slurm-42.0");
}

TEST(JobDirectoryName, IsOneFileNameBelowTheBase) {
    for (const char* job : {"a/b", "../../etc", "..", ".", "/", "a\nb", "\x1b[2J"}) {
        const auto name = job_directory_name(of_job(job));
        EXPECT_EQ(name.find_first_of("/\n\x1b"), std::string::npos) << name;
        EXPECT_NE(name, ".") << "the base itself";
        EXPECT_NE(name, "..") << "its parent, which the last rank would remove";
    }
    EXPECT_LE(job_directory_name(of_job(std::string(255, 'x'))).size(), 255U);
}

TEST(JobDirectoryName, IsThisProcessesWithoutLauncher) {
    EXPECT_EQ(job_directory_name({}), "alone-" + std::to_string(::getpid()));
}

TEST(JobDirectoryName, IsThePmiServersWhereTheJobHasNoId) {
    int ends[2] = {-1, -1};
    ASSERT_EQ(::socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, ends), 0);
    auto context = of_job("");
    context.launcher = Launcher::hydra;
    context.endpoint.fd = ends[0];
    EXPECT_EQ(job_directory_name(context), "launcher-" + std::to_string(::getpid()));
    ::close(ends[0]);
    ::close(ends[1]);
    context.endpoint.fd = std::nullopt;
    EXPECT_EQ(job_directory_name(context), "launcher-" + std::to_string(::getppid()));
}

TEST(JobDirectory, IsItsOwnersAlone) {
    const TemporaryDirectory here;
    const mode_t mask = ::umask(0);
    const auto joined = JobDirectory::join({here / "base"}, "job", 1);
    ::umask(mask);
    ASSERT_TRUE(joined) << joined.error().message;
    EXPECT_EQ(joined->path(), here / "base/job");
    EXPECT_EQ(mode_of(here / "base"), 0700U);
    EXPECT_EQ(mode_of(here / "base/job"), 0700U);
    EXPECT_EQ(mode_of(here / "base/job/members"), 0600U);
}

TEST(JobDirectory, MakesTheFolderOfAllHostsInTheCache) {
    const TemporaryDirectory here;
    ASSERT_TRUE(JobDirectory::join({here / "home/.cache/mpi-podman/node1"}, "job", 1));
    EXPECT_FALSE(std::filesystem::exists(here / "home/.cache/mpi-podman")) << "and removes it again";
    EXPECT_TRUE(std::filesystem::exists(here / "home/.cache"));
    EXPECT_FALSE(JobDirectory::join({here / "run/user/5/mpi-podman"}, "job", 1)) << "others must be there";
    EXPECT_FALSE(std::filesystem::exists(here / "run"));
}

/// A base that is not to be trusted is passed over for the next.
void expect_passed_over(const TemporaryDirectory& here, const std::string& base) {
    EXPECT_FALSE(JobDirectory::join({base}, "job", 1));
    const auto joined = JobDirectory::join({base, here / "good"}, "job", 1);
    ASSERT_TRUE(joined) << joined.error().message;
    EXPECT_EQ(joined->path(), here / "good/job");
}

TEST(JobDirectory, RefusesALink) {
    const TemporaryDirectory here;
    std::filesystem::create_directory_symlink(here.directory("elsewhere"), here / "link");
    ::chmod((here / "elsewhere").c_str(), 0700);
    expect_passed_over(here, here / "link");
    EXPECT_EQ(test::names_in(here / "elsewhere"), Words{});
}

TEST(JobDirectory, RefusesAJobsNameThatIsALink) {
    const TemporaryDirectory here;
    ::chmod(here.directory("base").c_str(), 0700);
    ::chmod(here.directory("elsewhere").c_str(), 0700);
    std::filesystem::create_directory_symlink(here / "elsewhere", here / "base/job");
    expect_passed_over(here, here / "base");
    EXPECT_EQ(test::names_in(here / "elsewhere"), Words{});
}

TEST(JobDirectory, ClosesWhatOthersMayOnlyRead) {
    const TemporaryDirectory here;
    for (const mode_t mode : {0755U, 0750U, 0701U}) {
        ::chmod(here.directory("open").c_str(), mode);
        ASSERT_TRUE(JobDirectory::join({here / "open"}, "job", 1)) << mode;
        ::chmod(here.directory("open").c_str(), mode);
        const auto joined = JobDirectory::join({here / "open", here / "good"}, "job", 1);
        ASSERT_TRUE(joined) << mode;
        EXPECT_EQ(joined->path(), here / "open/job");
        EXPECT_EQ(mode_of(here / "open"), 0700U) << mode;
    }
}

TEST(JobDirectory, RefusesWhatOthersMayWriteTo) {
    const TemporaryDirectory here;
    for (const mode_t mode : {0770U, 0720U, 0702U, 01777U}) {
        ::chmod(here.directory("open").c_str(), mode);
        expect_passed_over(here, here / "open");
        EXPECT_EQ(test::names_in(here / "open"), Words{}) << mode;
    }
}

TEST(JobDirectory, RefusesAStrangers) {
    const TemporaryDirectory here;
    auto strangers = here.directory("strangers");
    ::chmod(strangers.c_str(), 0700);
    if (::geteuid() != 0 || ::chown(strangers.c_str(), 4711, 4711) != 0) {
        strangers = "/root";  // root's, for anybody else
    }
    expect_passed_over(here, strangers);
}

TEST(JobDirectory, RefusesAFile) {
    const TemporaryDirectory here;
    expect_passed_over(here, here.file("file", "", 0600));
    expect_passed_over(here, here / "no/such/parent");
}

TEST(JobDirectory, SaysWhatToDoWhereThereIsNone) {
    const auto joined = JobDirectory::join({}, "job", 1);
    ASSERT_FALSE(joined);
    EXPECT_EQ(joined.error().status, Status::ours);
    EXPECT_EQ(joined.error().message, "no directory of your own for the job's files on this node");
    EXPECT_NE(joined.error().hint.find("XDG_RUNTIME_DIR"), std::string::npos);
}

}  // namespace
}  // namespace mpi_podman
