#include "inspect/host_mpi_in_image.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "unit/abi/sample_mpis.hpp"
#include "unit/temporary_directory.hpp"

namespace mpi_podman {
namespace {

using testing::ElementsAre;
using testing::IsEmpty;

const auto open_mpi = test::open_mpi("4.1.4", {40, 30, 4});
const auto mpich = test::mpich("4.0.2", {12, 2, 2}, "libmpich.so.12");
const RootFacts both = test::root_with({open_mpi, mpich});
const RootFacts none = test::root_with({});

MpiFamily chosen(const MpiInstallation* mpi) { return mpi == nullptr ? MpiFamily::none : mpi->family; }

TEST(ChooseMpi, TheFamilyTheProgramNeeds) {
    const auto program = test::linked_with({test::sample_library("libmpi.so.12", {12, 1})});
    EXPECT_EQ(chosen(choose_mpi(both, "", &program, test::root_with({open_mpi}), Pmi::pmix)),
              MpiFamily::mpich);
}

TEST(ChooseMpi, ElseWhatTheImageHas) {
    const auto program = test::linked_with({});
    EXPECT_EQ(chosen(choose_mpi(both, "", &program, test::root_with({mpich}), Pmi::pmix)), MpiFamily::mpich);
    EXPECT_EQ(chosen(choose_mpi(both, "", nullptr, test::root_with({open_mpi}), Pmi::pmi1)),
              MpiFamily::open_mpi);
}

TEST(ChooseMpi, ElseWhatSpeaksToTheLauncher) {
    EXPECT_EQ(chosen(choose_mpi(both, "", nullptr, none, Pmi::pmi2)), MpiFamily::mpich);
    EXPECT_EQ(chosen(choose_mpi(both, "", nullptr, none, Pmi::pmix)), MpiFamily::open_mpi);
}

TEST(ChooseMpi, TheOneThereIsElse) {
    EXPECT_EQ(
        chosen(choose_mpi(test::root_with({mpich}), "", nullptr, test::root_with({open_mpi}), Pmi::pmix)),
        MpiFamily::mpich);
    EXPECT_EQ(choose_mpi(none, "", nullptr, none, Pmi::pmix), nullptr);
}

TEST(ChooseMpi, BelowThePrefixOnlyAndThenWithoutTheLoader) {
    auto own = test::mpich("4.3", {12, 5, 0}, "libmpi.so.12");
    own.found_by_loader = false;
    own.libmpi.file = "/opt/mpich/lib/libmpi.so.12.5.0";
    const auto host = test::root_with({open_mpi, mpich, own});
    const auto* found = choose_mpi(host, "/opt/mpich", nullptr, none, Pmi::pmix);
    ASSERT_NE(found, nullptr);
    EXPECT_EQ(found->libmpi.file, own.libmpi.file);
    EXPECT_EQ(choose_mpi(host, "/opt/mpi", nullptr, none, Pmi::pmix), nullptr);
    EXPECT_EQ(chosen(choose_mpi(test::root_with({own}), "", nullptr, none, Pmi::pmix)), MpiFamily::none);
}

TEST(MpiOfMounts, IsToldByWhatIsMountedThere) {
    const std::string inside(host_mpi_directory);
    EXPECT_EQ(mpi_of_mounts({{"/usr/lib/libmpi.so.40.30.4", inside + "/libmpi.so.40"}, {"/a", "/b"}}),
              (ImageMpi{"/usr/lib/libmpi.so.40.30.4", "", "libmpi.so.40.30.4"}));
    EXPECT_EQ(mpi_of_mounts({{"/usr/lib/libmpich.so.12.2.2", inside + "/libmpi.so.12"}}),
              (ImageMpi{"", "/usr/lib/libmpich.so.12.2.2", ""}));
    EXPECT_EQ(mpi_of_mounts({}), ImageMpi{});
}

/// An image that has nothing at all has no C library either: all that the host's MPI needs.
TEST(LookForHostMpi, RefusesAnImageWithoutCLibrary) {
    const test::TemporaryDirectory image;
    image.file("etc/passwd", "");
    HostMpiQuestion question;
    question.image_id = "empty";
    question.layers = {image.path()};
    EXPECT_EQ(look_for_host_mpi(question).verdict.outcome, Outcome::cannot);
}

TEST(LookForHostMpi, APrefixThatIsNotThereHasNone) {
    const test::TemporaryDirectory image;
    HostMpiQuestion question;
    question.layers = {image.path()};
    question.prefix = image.path() + "/nowhere";
    question.on_host.prefixes = {question.prefix};
    const auto found = look_for_host_mpi(question);
    EXPECT_EQ(found.verdict.outcome, Outcome::cannot);
    EXPECT_THAT(found.mounts, IsEmpty());
}

}  // namespace
}  // namespace mpi_podman
