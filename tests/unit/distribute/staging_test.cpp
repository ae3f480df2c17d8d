#include "distribute/staging.hpp"

#include <gmock/gmock.h>

#include <filesystem>

#include "unit/distribute/samples.hpp"
#include "unit/temporary_directory.hpp"

namespace mpi_podman {
namespace {

using namespace std::chrono_literals;
using test::digest;

TEST(Staging, IsOursAloneAndGoesWithAllThatIsInIt) {
    const test::TemporaryDirectory home;
    const auto graphroot = home.directory("storage");
    EXPECT_FALSE(has_staging(graphroot));
    auto staging = Staging::open(graphroot, digest('a'), 0s);
    ASSERT_TRUE(staging);
    EXPECT_EQ(staging->path(), staging_path(graphroot, digest('a')));
    EXPECT_EQ(std::filesystem::status(staging->path()).permissions(), std::filesystem::perms::owner_all);
    ASSERT_TRUE(staging->complete("{}"));
    EXPECT_EQ(test::content_of(staging->path() + "/manifest.json"), "{}");
    EXPECT_TRUE(has_staging(graphroot));
    staging->remove();
    EXPECT_FALSE(has_staging(graphroot));
}

TEST(Staging, IsOneProcessesAtATime) {
    const test::TemporaryDirectory home;
    auto first = Staging::open(home / "", digest('a'), 1s);
    ASSERT_TRUE(first);
    int beats = 0;
    EXPECT_FALSE(Staging::open(home / "", digest('a'), 1s, [&] { ++beats; }));
    EXPECT_GT(beats, 0);
    ASSERT_TRUE(Staging::open(home / "", digest('b'), 1s)) << "of another image";
    first->remove();
    EXPECT_TRUE(Staging::open(home / "", digest('a'), 1s));
}

TEST(Staging, KnowsWhatIsThereOfABlob) {
    const test::TemporaryDirectory home;
    const auto staging = Staging::open(home / "", digest('a'), 1s);
    ASSERT_TRUE(staging);
    const auto put = [&](const std::string& name, const std::string& text) {
        ASSERT_TRUE(write_file(staging->path() + "/" + name, text));
    };
    put(digest('1'), "12345");
    put(digest('2') + ".part", "123");
    put(digest('3') + ".part", "1234567");
    EXPECT_EQ(staging->bytes_of({digest('1'), 5, true}), 5U);
    EXPECT_EQ(staging->bytes_of({digest('2'), 5, true}), 3U);
    EXPECT_EQ(staging->bytes_of({digest('1'), 6, true}), 0U) << "of another size";
    EXPECT_EQ(staging->bytes_of({digest('3'), 5, true}), 0U) << "more than it has";
    EXPECT_EQ(staging->bytes_of({digest('4'), 5, true}), 0U);
}

TEST(StoreToken, IsTheSameForAllUntilTheLastImageIsGone) {
    const test::TemporaryDirectory home;
    const auto token = store_token(home / "");
    ASSERT_TRUE(token);
    EXPECT_EQ(store_token(home / ""), token);
    const test::TemporaryDirectory other;
    EXPECT_NE(store_token(other / ""), token);
    auto one = Staging::open(home / "", digest('a'), 1s);
    auto two = Staging::open(home / "", digest('b'), 1s);
    ASSERT_TRUE(one && two);
    one->remove();
    EXPECT_EQ(store_token(home / ""), token);
    two->remove();
    EXPECT_NE(store_token(home / ""), token);
}

}  // namespace
}  // namespace mpi_podman
