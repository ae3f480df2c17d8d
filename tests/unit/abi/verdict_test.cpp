#include "abi/verdict.hpp"

#include <gmock/gmock.h>

#include "unit/abi/sample_mpis.hpp"

namespace mpi_podman {
namespace {

using test::host_with;
using test::linked_with;
using test::mpich_40;
using test::mpich_42;
using test::new_glibc;
using test::old_glibc;
using test::ompi_41;
using test::ompi_50;
using test::open_mpi;
using test::root_with;
using test::words_of;
using testing::HasSubstr;

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

}  // namespace
}  // namespace mpi_podman
