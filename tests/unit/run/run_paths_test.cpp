// What podman keeps of a container outside its storage, by the id that it told.
#include "run/run_paths.hpp"

#include <gtest/gtest.h>

#include <algorithm>
#include <filesystem>

#include "unit/temporary_directory.hpp"

namespace mpi_podman {
namespace {

const std::string box_id(64, 'a');

class RunPathsTold : public testing::Test {
protected:
    [[nodiscard]] std::vector<std::string> told(const std::string& text) const {
        return run_paths_told(home.file("box.id", text));
    }
    test::TemporaryDirectory home;
};

TEST_F(RunPathsTold, AreOneContainersAlone) {
    const auto paths = told(box_id);
    ASSERT_FALSE(paths.empty());
    for (const auto& path : paths) {
        EXPECT_TRUE(path.starts_with('/') && path.ends_with("/" + box_id)) << path;
    }
    EXPECT_TRUE(std::ranges::any_of(
        paths, [](const auto& path) { return path.ends_with("/overlay-containers/" + box_id); }));
    EXPECT_EQ(told(box_id + "\n"), paths);
}

TEST_F(RunPathsTold, AreNoneWithoutAnId) {
    EXPECT_TRUE(run_paths_told(home.path() + "/none").empty());
    for (const auto& text :
         {std::string(), std::string("\n"), box_id.substr(1), box_id + "0", std::string("../") + box_id}) {
        EXPECT_TRUE(told(text).empty()) << text;
    }
}

TEST_F(RunPathsTold, HaveTheNameOfTheContainerInTheJobsDirectory) {
    EXPECT_EQ(id_file_in("/job", "box"), "/job/box.id");
}

TEST(RemoveRunPaths, RemovesWhatStaysAndNothingElse) {
    const test::TemporaryDirectory home;
    static_cast<void>(home.file("gone/userdata/pidfile", "1"));
    static_cast<void>(home.file("other", ""));
    remove_run_paths("podman", {home.path() + "/gone", home.path() + "/never"});
    EXPECT_FALSE(std::filesystem::exists(home.path() + "/gone"));
    EXPECT_TRUE(std::filesystem::exists(home.path() + "/other"));
}

}  // namespace
}  // namespace mpi_podman
