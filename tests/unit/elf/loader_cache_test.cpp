#include "elf/loader_cache.hpp"

#include <gmock/gmock.h>

#include <cstring>

#include "unit/built_root.hpp"

namespace mpi_podman {
namespace {

using testing::Contains;
using testing::HasSubstr;
using testing::IsEmpty;
using testing::SizeIs;

class LoaderCaches : public test::BuiltRoot {
protected:
    void SetUp() override {
        library("/opt/mpi/lib/libmpi.so.40.30.4", "void f(void) {}", "-Wl,-soname,libmpi.so.40");
        library("/opt/mpi/lib/glibc-hwcaps/x86-64-v3/libmpi.so.40", "void f(void) {}",
                "-Wl,-soname,libmpi.so.40");
    }
    [[nodiscard]] Result<LoaderCache> written(const std::string& format) const {
        if (!write_cache("/opt/mpi/lib\n", format)) {
            return failure(Status::ours, "no ldconfig");
        }
        return parse_loader_cache(test::content_of(home / "etc/ld.so.cache"));
    }
};

TEST_F(LoaderCaches, TodaysFormat) {
    const auto cache = written("new");
    ASSERT_TRUE(cache) << cache.error().message;
    EXPECT_THAT(cache->entries,
                Contains(CacheEntry{"libmpi.so.40", "/opt/mpi/lib/libmpi.so.40", 0x303, 0, ""}));
    EXPECT_THAT(cache->entries,
                Contains(CacheEntry{"libmpi.so.40", "/opt/mpi/lib/glibc-hwcaps/x86-64-v3/libmpi.so.40", 0x303,
                                    0, "x86-64-v3"}));
}

TEST_F(LoaderCaches, BothFormatsInOneFile) {
    const auto cache = written("compat");
    ASSERT_TRUE(cache) << cache.error().message;
    EXPECT_EQ(*cache, *written("new"));
}

TEST_F(LoaderCaches, TheOldFormatAlone) {
    const auto cache = written("old");
    ASSERT_TRUE(cache) << cache.error().message;
    EXPECT_THAT(cache->entries,
                Contains(CacheEntry{"libmpi.so.40", "/opt/mpi/lib/libmpi.so.40", 0x303, 0, ""}));
}

TEST_F(LoaderCaches, CutAnywhereItIsAnError) {
    ASSERT_TRUE(written("compat"));
    const auto whole = test::content_of(home / "etc/ld.so.cache");
    EXPECT_FALSE(parse_loader_cache(""));
    for (std::size_t size = 1; size < whole.size(); size += 7) {
        static_cast<void>(parse_loader_cache(whole.substr(0, size)));
    }
    ASSERT_TRUE(written("new"));
    auto bytes = test::content_of(home / "etc/ld.so.cache");
    EXPECT_FALSE(parse_loader_cache(bytes.substr(0, 60)));
    bytes[20] = '\xff';
    bytes[23] = '\x7f';  // the count of entries
    EXPECT_THAT(parse_loader_cache(bytes).error().message, HasSubstr("head"));
    EXPECT_THAT(parse_loader_cache("#!/bin/sh and something more").error().message, HasSubstr("unknown"));
}

TEST_F(LoaderCaches, OfTheOtherByteOrder) {
    ASSERT_TRUE(written("new"));
    auto bytes = test::content_of(home / "etc/ld.so.cache");
    bytes[28] = 3;
    EXPECT_THAT(parse_loader_cache(bytes).error().message, HasSubstr("byte order"));
}

TEST(CacheFlags, AreOfAnArchitecture) {
    const CacheEntry entry{"a", "/a", 0x303, 0, ""};
    EXPECT_TRUE(is_for(entry, {62, 64, true}));
    EXPECT_FALSE(is_for(entry, {3, 32, true}));
    EXPECT_FALSE(is_for({"a", "/a", 0x3, 0, ""}, {62, 64, true}));
    EXPECT_TRUE(is_for(entry, {999, 64, true}));
}

}  // namespace
}  // namespace mpi_podman
