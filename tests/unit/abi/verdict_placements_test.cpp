// Which of the host's libraries the container gets, and what that does to the verdict.
#include <gmock/gmock.h>

#include "abi/placement.hpp"
#include "abi/verdict.hpp"
#include "unit/abi/sample_mpis.hpp"

namespace mpi_podman {
namespace {

using test::host_with;
using test::linked_with;
using test::new_glibc;
using test::old_glibc;
using test::ompi_41;
using test::root_with;
using test::sample_library;
using test::used;
using test::words_of;
using testing::HasSubstr;

TEST(Verdicts, WithTheHostsCLibraryCarriedAlong) {
    const auto image = root_with({ompi_41}, "2.31");
    const auto command = linked_with({ompi_41.libmpi});
    const auto host = host_with(ompi_41);
    Situation situation{&image, &command, &host, {old_glibc}};
    EXPECT_EQ(judge(Strategy::host, situation).outcome, Outcome::cannot);
    situation.libc = LibcFrom::host;
    EXPECT_EQ(judge(Strategy::host, situation).outcome, Outcome::caveat);
    EXPECT_THAT(words_of(judge(Strategy::host, situation)), HasSubstr("the container gets the host's"));
}

TEST(Verdicts, APluginThatCannotBeOpenedIsLeftOut) {
    const auto image = root_with({ompi_41}, "2.31");
    const auto command = linked_with({ompi_41.libmpi});
    auto host = host_with(ompi_41, "GLIBC_2.31");
    auto plugin = sample_library("mca_btl_ofi.so", {});
    plugin.version_needs = {{"libc.so.6", "GLIBC_2.34", false}};
    host.plugin_libraries = {used(plugin)};
    const Situation situation{&image, &command, &host, {old_glibc}};
    EXPECT_EQ(judge(Strategy::host, situation).outcome, Outcome::caveat);
    host.plugin_libraries.front().library.path = "/usr/lib/openmpi/mca_pmix_ext3x.so";
    EXPECT_EQ(judge(Strategy::host, situation).outcome, Outcome::cannot);
}

TEST(Verdicts, WhatAHostsLibraryTakesFromTheImages) {
    const auto image = root_with({ompi_41});
    auto host = host_with(ompi_41);
    auto ours = sample_library("libz.so.1", {1, 2, 11});
    ours.version_definitions = {"ZLIB_1.2.9", "ZLIB_1.2.11"};
    host.libraries.push_back(used(ours));
    host.libraries.front().library.version_needs.push_back({"libz.so.1", "ZLIB_1.2.11", false});
    auto theirs = sample_library("libz.so.1", {1, 3, 1});
    theirs.version_definitions = {"ZLIB_1.2.9", "ZLIB_1.3"};
    auto command = linked_with({ompi_41.libmpi, theirs});
    command.version_needs = {{"libz.so.1", "ZLIB_1.3", false}};
    const auto verdict = judge(Strategy::host, {&image, &command, &host, {new_glibc, theirs}});
    EXPECT_EQ(verdict.outcome, Outcome::cannot);
    EXPECT_THAT(words_of(verdict), HasSubstr("the image's /bin/ring needs ZLIB_1.3 of libz.so.1"));
}

TEST(Placements, KeepTheImagesWhereItWillDo) {
    auto host = host_with(ompi_41);
    auto library = [](const char* soname, AbiVersion version, std::vector<std::string> definitions = {}) {
        auto made = sample_library(soname, version);
        made.version_definitions = std::move(definitions);
        return made;
    };
    host.libraries.front().library.version_needs.push_back({"libstdc++.so.6", "GLIBCXX_3.4.30", false});
    for (const auto& each :
         {library("libstdc++.so.6", {6, 0, 30}, {"GLIBCXX_3.4.29", "GLIBCXX_3.4.30"}),
          library("libhwloc.so.15", {15, 6, 1}), library("libevent_core-2.1.so.7", {7, 0, 1}),
          library("libpmix.so.2", {2, 6, 2}), library("libnew.so.1", {1})}) {
        host.libraries.push_back(used(each));
    }
    const std::vector<Library> images{
        new_glibc, library("libstdc++.so.6", {6, 0, 33}, {"GLIBCXX_3.4.30", "GLIBCXX_3.4.33"}),
        library("libhwloc.so.15", {15, 4, 0}), library("libevent_core-2.1.so.7", {7, 0, 1}),
        library("libpmix.so.2", {2, 13, 7})};
    std::map<std::string, Keeper> keepers;
    for (const auto& placement : place_libraries(host, images, LibcFrom::image)) {
        keepers[placement.soname] = placement.keeper;
    }
    EXPECT_EQ(keepers, (std::map<std::string, Keeper>{{"libmpi.so.40", Keeper::host},
                                                      {"libc.so.6", Keeper::image},
                                                      {"libstdc++.so.6", Keeper::image},
                                                      {"libhwloc.so.15", Keeper::host},
                                                      {"libevent_core-2.1.so.7", Keeper::image},
                                                      {"libpmix.so.2", Keeper::host},
                                                      {"libnew.so.1", Keeper::host}}));
}

TEST(Placements, KnowThePartsOfGlibcInAnyVersion) {
    for (const auto* part :
         {"libc.so.6", "libm.so.7", "libnss_dns.so.2", "ld-linux-x86-64.so.2", "ld64.so.2"}) {
        EXPECT_TRUE(is_part_of_libc(part)) << part;
    }
    for (const auto* other : {"libc++.so.1", "libmpi.so.40", "libnss_systemd.so.2", "libcrypt.so.1", ""}) {
        EXPECT_FALSE(is_part_of_libc(other)) << other;
    }
}

}  // namespace
}  // namespace mpi_podman
