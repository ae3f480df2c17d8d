#include "abi/verdict.hpp"

#include <gmock/gmock.h>

#include "unit/abi/sample_mpis.hpp"

namespace mpi_podman {
namespace {

using test::glibc;
using test::host_with;
using test::linked_with;
using test::mpich;
using test::open_mpi;
using test::root_with;
using test::sample_library;
using test::used;
using testing::HasSubstr;

const auto ompi_41 = open_mpi("4.1.4", {40, 30, 4});
const auto ompi_50 = open_mpi("5.0.7", {40, 40, 7}, false);
const auto mpich_40 = mpich("4.0.2", {12, 2, 2}, "libmpich.so.12");
const auto mpich_42 = mpich("4.2.1", {12, 4, 1}, "libmpi.so.12");
const auto new_glibc = glibc({"GLIBC_2.31", "GLIBC_2.34", "GLIBC_2.36", "GLIBC_2.38"});
const auto old_glibc = glibc({"GLIBC_2.31"});

CommandFacts missing(const std::string& name) {
    auto command = linked_with({});
    command.missing = {{name, "/bin/ring", {}}};
    return command;
}

CommandFacts broken(CommandState state) {
    CommandFacts command;
    command.state = state;
    command.problem = "it is so";
    return command;
}

CommandFacts with_static(MpiFamily family) {
    auto command = linked_with({});
    command.static_mpi = family;
    return command;
}

/// All that was said, for a test to look into.
std::string words_of(const Verdict& verdict) {
    std::string words;
    for (const auto& reason : verdict.reasons) {
        words += std::string(name_of(reason.outcome)) + ": " + reason.what + " | " + reason.why + " | " +
                 reason.remedy + "\n";
    }
    return words;
}

struct Case {
    std::string name;
    RootFacts image;
    CommandFacts command;
    HostMpi host;
    std::vector<Library> counterparts;
    Outcome by_image, by_host;
    std::string said;  ///< by one of the two
    AbiCheck check = AbiCheck::major;
};

std::vector<Case> cases() {
    using enum Outcome;
    const auto image_41 = root_with({ompi_41});
    const auto image_50 = root_with({ompi_50});
    const auto ring_41 = linked_with({ompi_41.libmpi});
    const auto ring_50 = linked_with({ompi_50.libmpi});
    const auto ring_cxx = linked_with({ompi_41.libmpi, ompi_41.others.front()});
    const auto host_41 = host_with(ompi_41);
    const auto host_50 = host_with(ompi_50);
    auto musl = root_with({});
    musl.libc = LibcFamily::musl;
    auto foreign = image_41;
    foreign.architecture = {183, 64, true};
    return {
        {"the same on both", image_41, ring_41, host_41, {new_glibc}, works, works, ""},
        {"a newer host", image_41, ring_41, host_50, {new_glibc}, works, works, ""},
        {"a newer host, strictly",
         image_41,
         ring_41,
         host_50,
         {new_glibc},
         works,
         cannot,
         "the host's is 40.40.7, the image's 40.30.4",
         AbiCheck::strict},
        {"an older host", image_50, ring_50, host_41, {new_glibc}, works, works, ""},
        {"an older host, fully",
         image_50,
         ring_50,
         host_41,
         {new_glibc},
         works,
         caveat,
         "older than the image's",
         AbiCheck::full},
        {"another family",
         image_41,
         ring_41,
         host_with(mpich_42),
         {new_glibc},
         works,
         cannot,
         "the families have different ABIs"},
        {"MPICH under its two names",
         root_with({mpich_40}),
         linked_with({mpich_40.libmpi}),
         host_with(mpich_42),
         {new_glibc},
         works,
         works,
         ""},
        {"an image with an older glibc",
         root_with({ompi_41}, "2.31"),
         ring_41,
         host_41,
         {old_glibc},
         works,
         cannot,
         "needs GLIBC_2.34 of libc.so.6 | the image has glibc 2.31, the host glibc 2.36"},
        {"an image without MPI",
         root_with({}),
         missing("libmpi.so.40"),
         host_41,
         {new_glibc},
         cannot,
         works,
         "there is no Open MPI there"},
        {"C++ bindings on a host with Open MPI 5",
         image_41,
         ring_cxx,
         host_50,
         {new_glibc},
         works,
         cannot,
         "Open MPI 5 dropped the C++ bindings"},
        {"C++ bindings in an image with Open MPI 5",
         image_50,
         missing("libmpi_cxx.so.40"),
         host_41,
         {new_glibc},
         cannot,
         works,
         "Open MPI 5 dropped the C++ bindings"},
        {"C++ bindings the host did not install",
         image_41,
         ring_cxx,
         host_with(open_mpi("4.1.4", {40, 30, 4}, false)),
         {new_glibc},
         works,
         caveat,
         "the image's own is used with it"},
        {"another ABI of the same family",
         root_with({}),
         missing("libmpi.so.20"),
         host_41,
         {new_glibc},
         cannot,
         cannot,
         "another ABI"},
        {"MPI in the program",
         image_41,
         with_static(MpiFamily::mpich),
         host_41,
         {new_glibc},
         works,
         cannot,
         "MPICH is linked into /bin/ring"},
        {"a program for another machine",
         image_41,
         broken(CommandState::foreign),
         host_41,
         {new_glibc},
         cannot,
         cannot,
         "build it, or take an image, for"},
        {"an image for another machine",
         foreign,
         ring_41,
         host_41,
         {new_glibc},
         cannot,
         cannot,
         "the image is for aarch64"},
        {"no such command",
         image_41,
         broken(CommandState::not_found),
         host_41,
         {new_glibc},
         cannot,
         cannot,
         "it is so"},
        {"an image with musl",
         musl,
         linked_with({}),
         host_41,
         {},
         caveat,
         cannot,
         "the host's MPI is built for glibc 2.36"},
        {"Python in an image of the same family",
         image_41,
         linked_with({}),
         host_41,
         {new_glibc},
         works,
         works,
         ""},
        {"Python in an image of the other",
         root_with({mpich_40}),
         linked_with({}),
         host_41,
         {new_glibc},
         works,
         caveat,
         "may need the image's family"},
        {"a library that is nowhere",
         image_41,
         missing("libhdf5.so.103"),
         host_41,
         {new_glibc},
         cannot,
         cannot,
         "libhdf5.so.103 is not in the image"},
        {"two families in one program",
         image_41,
         linked_with({ompi_41.libmpi, mpich_40.libmpi}),
         host_41,
         {new_glibc},
         caveat,
         cannot,
         "take each other's functions"},
    };
}

TEST(Verdicts, OfEveryCase) {
    for (const auto& row : cases()) {
        const Situation situation{&row.image,      &row.command, &row.host, row.counterparts,
                                  LibcFrom::image, row.check,    nullptr};
        const auto by_image = judge(Strategy::image, situation);
        const auto by_host = judge(Strategy::host, situation);
        EXPECT_EQ(name_of(by_image.outcome), name_of(row.by_image)) << row.name << "\n" << words_of(by_image);
        EXPECT_EQ(name_of(by_host.outcome), name_of(row.by_host)) << row.name << "\n" << words_of(by_host);
        EXPECT_THAT(words_of(by_image) + words_of(by_host), HasSubstr(row.said)) << row.name;
        EXPECT_EQ(judge(Strategy::bridge, situation).reasons, by_image.reasons);
    }
}

TEST(Verdicts, WithoutAnMpiOnTheHost) {
    const auto image = root_with({ompi_41});
    const auto verdict = judge(Strategy::host, {&image});
    EXPECT_EQ(verdict.outcome, Outcome::cannot);
    EXPECT_THAT(words_of(verdict), HasSubstr("no MPI was found on this host"));
}

TEST(Verdicts, WithoutACommand) {
    const auto image = root_with({ompi_41});
    const auto host = host_with(mpich_42);
    EXPECT_EQ(judge(Strategy::image, {&image}).outcome, Outcome::works);
    EXPECT_EQ(judge(Strategy::host, {&image, nullptr, &host, {new_glibc}}).outcome, Outcome::caveat);
}

TEST(Verdicts, NameEveryLibraryTheWorstFirst) {
    const auto image = root_with({ompi_50}, "2.31");
    auto command = linked_with({});
    command.missing = {{"libhdf5.so.103", "/bin/ring", {"/opt/libhdf5.so.103 (for aarch64)"}},
                       {"libmpi_cxx.so.40", "/bin/ring", {}}};
    command.unmet = {{"libc.so.6", "GLIBC_2.38", "/lib/libc.so.6", "/bin/ring"}};
    command.undefined = {{{"f", "", "/bin/ring"}}};
    auto verdict = judge(Strategy::image, {&image, &command});
    EXPECT_EQ(verdict.reasons.size(), 3U) << words_of(verdict);
    EXPECT_THAT(words_of(verdict), HasSubstr("not taken: /opt/libhdf5.so.103 (for aarch64)"));
    EXPECT_THAT(words_of(verdict),
                HasSubstr("/bin/ring needs GLIBC_2.38 of libc.so.6 | the image has glibc 2.31"));
    command.missing.clear();
    verdict = judge(Strategy::image, {&image, &command});
    EXPECT_EQ(verdict.reasons.front().outcome, Outcome::cannot);
    EXPECT_EQ(verdict.reasons.back().outcome, Outcome::caveat);
    EXPECT_THAT(verdict.reasons.back().what, HasSubstr("/bin/ring uses f"));
}

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

}  // namespace
}  // namespace mpi_podman
