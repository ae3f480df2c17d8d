// The directories of containers that linger: who takes one, who keeps it, when it goes.
#include "run/lingering.hpp"

#include <fcntl.h>
#include <gtest/gtest.h>
#include <sys/stat.h>

#include <chrono>
#include <csignal>
#include <ctime>
#include <filesystem>

#include "run/container_keeper.hpp"
#include "run/lingering_job.hpp"
#include "sys/process.hpp"
#include "unit/child_process.hpp"
#include "unit/temporary_directory.hpp"

namespace mpi_podman {
namespace {

using Words = std::vector<std::string>;

constexpr auto no_podman = "/bin/false";

Plan plan_without_podman() {
    Plan plan;
    plan.podman = no_podman;
    plan.linger = 60;
    return plan;
}

class ContainersThatLinger : public testing::Test {
protected:
    void make(const std::string& entry) const {
        static_cast<void>(home.directory("base/lingering/" + entry));
    }
    [[nodiscard]] Words left() const { return test::names_in(all); }

    /// A process that keeps the container in that directory until `release` closes.
    [[nodiscard]] pid_t keep(const std::string& entry, const Pipe& ready, const Pipe& release) const {
        return test::start_child([&] {
            const Fd file(
                ::open((all + "/" + entry + "/" + keeper_lock).c_str(), O_RDWR | O_CREAT | O_CLOEXEC, 0600));
            struct flock lock {};
            lock.l_type = F_WRLCK;
            lock.l_whence = SEEK_SET;
            if (::fcntl(file.get(), F_SETLK, &lock) != 0) {
                return 1;
            }
            ::close(release.write_end.get());
            write_all(ready.write_end.get(), "+");
            char byte = 0;
            return static_cast<int>(::read(release.read_end.get(), &byte, 1));
        });
    }

    void age(const std::string& entry) const {
        const timespec then{::time(nullptr) - 1000, 0};
        const timespec times[] = {then, then};
        ASSERT_EQ(::utimensat(AT_FDCWD, (all + "/" + entry).c_str(), times, 0), 0);
    }

    test::TemporaryDirectory home;
    std::string all = home.directory("base/lingering");
};

TEST_F(ContainersThatLinger, AreTakenByOneJobEach) {
    make("key+one");
    make("key+two");
    EXPECT_EQ(take_lingering(all, "key", "job1"), all + "/key+one+job1");
    EXPECT_EQ(take_lingering(all, "key", "job2"), all + "/key+two+job2");
    EXPECT_EQ(take_lingering(all, "key", "job3"), "");
    EXPECT_EQ(left(), (Words{"key+one+job1", "key+two+job2"}));
}

TEST_F(ContainersThatLinger, AreNotTakenForOtherOptionsOrWhileTheyAreInspected) {
    make("key+one+");
    make("keys+two");
    make("other+three");
    EXPECT_EQ(take_lingering(all, "key", "job"), "");
}

TEST_F(ContainersThatLinger, AreFoundByTheirKeeperWhateverTheyAreCalledNow) {
    const Lingering place{all, "key", "one"};
    EXPECT_EQ(place.path(), "");
    for (const auto& name : {place.waiting(), place.of_job("job"), place.under_inspection()}) {
        make("key+one-2");
        make(name.substr(all.size() + 1));
        EXPECT_EQ(place.path(), name);
        std::filesystem::remove(name);
    }
}

TEST_F(ContainersThatLinger, NameTheirKeeperAsLongAsItLives) {
    make("key+one");
    EXPECT_EQ(keeper_of(all + "/key+one"), 0);
    auto ready = make_pipe();
    auto release = make_pipe();
    const pid_t keeper = keep("key+one", *ready, *release);
    char byte = 0;
    ASSERT_EQ(::read(ready->read_end.get(), &byte, 1), 1);
    EXPECT_EQ(keeper_of(all + "/key+one"), keeper);
    release->write_end.reset();
    EXPECT_EQ(test::end_of_child(keeper), 0);
    EXPECT_EQ(keeper_of(all + "/key+one"), 0);
}

TEST_F(ContainersThatLinger, AreSweptWhereTheirKeeperWasKilled) {
    make("key+abandoned");
    make("key+kept");
    make("key+young+job");
    auto ready = make_pipe();
    auto release = make_pipe();
    const pid_t keeper = keep("key+kept", *ready, *release);
    char byte = 0;
    ASSERT_EQ(::read(ready->read_end.get(), &byte, 1), 1);
    age("key+abandoned");
    age("key+kept");
    sweep_lingering(all, no_podman);
    EXPECT_EQ(left(), (Words{"key+kept", "key+young+job"}));
    release->write_end.reset();
    test::end_of_child(keeper);
}

TEST_F(ContainersThatLinger, TakeTheDirectoriesAboveWithThemWhenTheyAreTheLast) {
    make("key+one");
    home.file("base/lingering/key+two/keeper");
    remove_lingering(all + "/key+one");
    EXPECT_EQ(left(), Words{"key+two"});
    EXPECT_EQ(stop_lingering(home / "base", no_podman), "") << "its keeper is dead";
    EXPECT_FALSE(std::filesystem::exists(home / "base"));
    EXPECT_EQ(stop_lingering(home / "base", no_podman), "");
    make_lingering(all + "/key+three");
    EXPECT_EQ(left(), Words{"key+three"});
    EXPECT_EQ(stop_lingering(home / "base", no_podman), "");
    EXPECT_EQ(left(), Words{"key+three"}) << "its keeper is still to come";
}

TEST_F(ContainersThatLinger, HaveTheirKeeperBeforeTheyAreStarted) {
    const Lingering place{all, "key", "one"};
    const auto socket = listen_in_place(place, "job", plan_without_podman(), home / "link");
    ASSERT_TRUE(socket && *socket);
    const Fd keeper = keeper_process(place.of_job("job"));
    ASSERT_TRUE(keeper);
    EXPECT_EQ(std::filesystem::read_symlink(home / "link"), place.of_job("job") + "/" + agent_socket);
    signal_pidfd(keeper, SIGKILL);
    EXPECT_TRUE(ended_within(keeper, std::chrono::seconds(10)));
}

TEST_F(ContainersThatLinger, HaveAKeeperThatKnowsWhoDiedBeforeTheyListened) {
    const Lingering place{all, "key", "one"};
    const int status = test::end_of_child(test::start_child([&] {
        const auto until_listening = post_container_keeper(place, "job", plan_without_podman());
        ::_exit(until_listening && *until_listening && keeper_of(place.of_job("job")) != 0 ? 0 : 1);
        return 1;
    }));
    EXPECT_EQ(status, 0);
    for (int look = 0; look < 1000 && std::filesystem::exists(home / "base"); ++look) {
        ::usleep(10'000);
    }
    EXPECT_FALSE(std::filesystem::exists(home / "base"));
}

TEST_F(ContainersThatLinger, AreNoneWhereTheirKeeperEndsAtOnce) {
    const Lingering place{all, "key", "one"};
    make(place.of_job("job").substr(all.size() + 1) + "/" + keeper_lock + ".new");  // no file: it cannot lock
    const auto socket = listen_in_place(place, "job", plan_without_podman(), home / "link");
    ASSERT_TRUE(socket);
    EXPECT_FALSE(*socket);
    EXPECT_EQ(test::names_in(home.path()), Words{}) << "no link, no directory";
}

TEST_F(ContainersThatLinger, HaveAPlaceWhereNobodyElseCanReach) {
    ::chmod((home / "base").c_str(), 0700);
    ::chmod(all.c_str(), 0700);
    EXPECT_EQ(directory_of_lingering({"/proc/none", home / "base"}).value_or(""), all);
    EXPECT_FALSE(directory_of_lingering({}));
    ::chmod(home.path().c_str(), 0777);
    EXPECT_FALSE(directory_of_lingering({home / "base"}));
}

}  // namespace
}  // namespace mpi_podman
