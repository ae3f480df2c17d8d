// Which process is a container's conmon, and which only says so; and its end.
#include "run/conmon.hpp"

#include <fcntl.h>
#include <gtest/gtest.h>
#include <unistd.h>

#include "run/orphans.hpp"
#include "sys/process.hpp"
#include "unit/temporary_directory.hpp"

namespace mpi_podman {
namespace {

const std::string id(64, '7');

class Conmon : public testing::Test {
protected:
    /// A process that looks like one: a script's name is that of its process.
    [[nodiscard]] Child start(const std::vector<std::string>& words,
                              const std::string& waits = "echo\nread wait") const {
        return begin({home.file("conmon", "#!/bin/sh\n" + waits + "\n", 0755)}, words);
    }

    /// The same in a root directory of its own, as a rank has.
    [[nodiscard]] Child start_in_a_container(const std::vector<std::string>& words) const {
        static_cast<void>(home.file("root/conmon", "#!/bin/sh\necho\nread wait\n", 0755));
        return begin({"unshare", "--map-root-user", "--mount", "sh", "-ec",
                      "cd '" + home.path() +
                          "/root'; mkdir usr; mount --rbind /usr usr; "
                          "ln -s usr/bin usr/lib usr/lib64 .; exec chroot . /conmon \"$@\"",
                      "sh"},
                     words);
    }

    /// Waits until it has said a line.
    [[nodiscard]] static Child begin(std::vector<std::string> argv, const std::vector<std::string>& words) {
        auto out = make_pipe();
        auto in = make_pipe();
        argv.insert(argv.end(), words.begin(), words.end());
        auto child = spawn({argv, in->read_end.get(), out->write_end.get(), -1, {}, false});
        char byte = 0;
        EXPECT_EQ(::read(out->read_end.get(), &byte, 1), 1);
        static_cast<void>(::fcntl(in->write_end.get(), F_DUPFD, 100));  // so that it waits until it is killed
        return std::move(*child);
    }
    test::TemporaryDirectory home;
};

TEST_F(Conmon, IsKnownByTheNameOfItsContainer) {
    const auto conmon = start({"-c", id, "-n", "box", "--exit-dir", "/run/x/exits"});
    EXPECT_EQ(conmon_of("box"), conmon.pid());
    EXPECT_EQ(conmon_of("bo"), 0);
    EXPECT_EQ(conmon_option(conmon.pid(), "-n"), "box");
    EXPECT_EQ(conmon_option(conmon.pid(), "--none"), "");
    EXPECT_EQ(exit_file_of(conmon.pid()), "/run/x/exits/" + id);
}

TEST_F(Conmon, HasTheRootDirectoryOfTheHost) {
    const auto rank = start_in_a_container({"-n", "box", "--name=box"});
    EXPECT_EQ(read_file("/proc/" + std::to_string(rank.pid()) + "/comm").value_or(""), "conmon\n");
    EXPECT_EQ(conmon_option(rank.pid(), "-n"), "box");
    EXPECT_EQ(conmon_of("box"), 0);
    EXPECT_EQ(podman_starting("box"), std::vector<pid_t>{});
}

TEST_F(Conmon, IsAboveTheFirstProcessOfItsContainer) {
    const auto first = home / "first";
    const auto conmon = start({"-b", "/run/x/userdata"}, "sh -c 'sleep 1000 & echo $! >" + first +
                                                             "; wait' &\nwhile ! test -s " + first +
                                                             "; do sleep 0.01; done\necho\nwait");
    const pid_t pid = std::stoi(test::content_of(first));
    EXPECT_EQ(conmon_above(pid), conmon.pid()) << "the runtime is between them, at first";
    EXPECT_EQ(conmon_option(conmon_above(pid), "-b"), "/run/x/userdata");
    signal_pidfd(pidfd_of(pid), SIGKILL);
    EXPECT_EQ(conmon_above(::getpid()), ::getppid()) << "which may be called otherwise";
    EXPECT_EQ(conmon_above(-1), 0);
}

TEST_F(Conmon, NamesWhereTheStateOfItsContainerIsKept) {
    const std::string root = "/run/x/overlay-containers/";
    using Found = std::vector<std::string>;
    for (const auto& [options, expected] :
         {std::pair<Found, Found>{{"-p", root + id + "/userdata/pidfile"}, {root + id}},
          {{"-p", "/job/pid", "--conmon-pidfile", root + id + "/userdata/conmon.pid"}, {root + id}},
          {{"-p", root + id + "/pidfile"}, {}},
          {{"-p", root + id.substr(1) + "/userdata/pidfile"}, {}},
          {{"-r", "/usr/bin/crun", "--exit-dir", "/run/x/libpod/tmp/exits"},
           {"/run/x/crun/" + id, "/run/x/libpod/tmp/exits/" + id}},
          {{"-r", "runc", "--exit-dir", "/run/libpod/exits"}, {"/run/runc/" + id, "/run/libpod/exits/" + id}},
          {{"-r", "/usr/bin/crun", "--exit-dir", "/run/x/exits"}, {"/run/x/exits/" + id}},
          {{}, {}}}) {
        Found words{"-c", id, "-n", "box"};
        words.insert(words.end(), options.begin(), options.end());
        const auto conmon = start(words);
        EXPECT_EQ(run_paths_of(conmon.pid()), expected);
    }
    EXPECT_EQ(run_paths_of(::getpid()), Found{});
    EXPECT_EQ(
        run_paths_of(
            start({"-c", id.substr(1), "-n", "box", "-p", root + id.substr(1) + "/userdata/pidfile"}).pid()),
        Found{});
}

TEST_F(Conmon, NamesNoFileButOneOfPodmans) {
    for (const auto& [directory, name] :
         {std::pair<std::string, std::string>{"/home/mpi/.ssh", "authorized_keys"},
          {"/home/mpi/.ssh", id},
          {"/run/x/exits", "../" + id.substr(3)},
          {"/run/x/exits", id.substr(1)}}) {
        const auto conmon = start({"-c", name, "-n", "box", "--exit-dir", directory});
        EXPECT_EQ(exit_file_of(conmon.pid()), "") << directory << " " << name;
    }
    EXPECT_EQ(exit_file_of(::getpid()), "");
    EXPECT_EQ(exit_file_of(0), "");
}

TEST_F(Conmon, EndsWithWhatItWaitsFor) {
    auto conmon =
        start({"-c", id, "-n", "box", "--exit-command", "/usr/bin/podman"}, "sleep 1000 &\necho\nwait");
    end_conmons("bo");
    EXPECT_FALSE(ended_within(pidfd_of(conmon.pid()), std::chrono::milliseconds(0)));
    end_conmons("box");
    EXPECT_EQ(conmon.wait().signal, 0);
}

}  // namespace
}  // namespace mpi_podman
