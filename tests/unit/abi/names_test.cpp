#include <gmock/gmock.h>

#include "abi/abi_check.hpp"
#include "abi/library.hpp"
#include "abi/mpi_family.hpp"
#include "abi/release.hpp"

namespace mpi_podman {
namespace {

using testing::ElementsAre;
using testing::IsEmpty;

TEST(AbiVersions, AreNumbers) {
    EXPECT_THAT(abi_version_from("40.30.4"), ElementsAre(40, 30, 4));
    EXPECT_THAT(abi_version_from("12"), ElementsAre(12));
    EXPECT_THAT(abi_version_from("1.2rc1"), ElementsAre(1, 2));
    EXPECT_THAT(abi_version_from("x"), IsEmpty());
    EXPECT_THAT(abi_version_from("99999999999999"), IsEmpty());
    EXPECT_EQ(to_string({40, 30, 4}), "40.30.4");
    EXPECT_EQ(stem_of("libmpi_cxx.so.40.30.1"), "libmpi_cxx");
}

TEST(AbiVersions, TheHighestOfEachSeries) {
    EXPECT_THAT(highest_of_each({"GLIBC_2.4", "GLIBC_2.34", "GLIBC_2.14", "GLIBCXX_3.4.9", "GLIBCXX_3.4.30"}),
                ElementsAre("GLIBCXX_3.4.30", "GLIBC_2.34"));
    EXPECT_THAT(highest_of_series({"GLIBC_2.9", "GLIBC_2.36", "GLIBC_PRIVATE"}, "GLIBC_"),
                ElementsAre(2, 36));
}

TEST(MpiNames, SayTheFamily) {
    const auto name = [](const char* soname) { return mpi_name(soname).value_or(MpiName{}); };
    EXPECT_EQ(name("libmpi.so.40"), (MpiName{MpiFamily::open_mpi, MpiBinding::c}));
    EXPECT_EQ(name("libmpi.so.12"), (MpiName{MpiFamily::mpich, MpiBinding::c}));
    EXPECT_EQ(name("libmpich.so.12"), (MpiName{MpiFamily::mpich, MpiBinding::c}));
    EXPECT_EQ(name("libmpi_cxx.so.40"), (MpiName{MpiFamily::open_mpi, MpiBinding::cxx}));
    EXPECT_EQ(name("libmpichfort.so.12"), (MpiName{MpiFamily::mpich, MpiBinding::fortran}));
    EXPECT_EQ(name("libmpi_usempif08-gfortran.so.40"), (MpiName{MpiFamily::open_mpi, MpiBinding::fortran}));
    EXPECT_EQ(name("libmpi_abi.so.0"), (MpiName{MpiFamily::standard_abi, MpiBinding::standard_abi}));
    EXPECT_FALSE(mpi_name("libmpi.so"));
    EXPECT_FALSE(mpi_name("libmpdec.so.3"));
}

TEST(MpiNames, MpichsShareTheirs) {
    EXPECT_EQ(shared_name("libmpich.so.12"), "libmpi.so.12");
    EXPECT_EQ(shared_name("libmpichcxx.so.12"), "libmpicxx.so.12");
    EXPECT_EQ(shared_name("libmpi.so.40"), "libmpi.so.40");
    EXPECT_EQ(shared_name("libmpich.so.10"), "libmpich.so.10");
}

TEST(Releases, ByTheAbiVersion) {
    EXPECT_EQ(release_series(MpiFamily::open_mpi, {40, 30, 4}), "4.1");
    EXPECT_EQ(release_series(MpiFamily::open_mpi, {40, 20, 2}), "4.0");
    EXPECT_EQ(release_series(MpiFamily::open_mpi, {40, 40, 7}), "5.0");
    EXPECT_EQ(release_series(MpiFamily::mpich, {12, 4, 1}), "4.2");
    EXPECT_EQ(release_series(MpiFamily::mpich, {99, 4, 1}), "");
    EXPECT_EQ(release_series(MpiFamily::open_mpi, {40}), "");
}

TEST(Releases, ByTheTextsInALibrary) {
    using namespace std::string_literals;
    const auto bytes =
        "MPI %d.%d\0GLIBC_2.2.5\0v9.9.9 \0A1.18.1\0"s + "4.1.4\0"s + "4.1.4\0"s + "1.2.3.4\0"s + "5.0.7a1\0"s;
    EXPECT_THAT(version_texts(bytes), ElementsAre("1.18.1", "4.1.4", "5.0.7a1"));
    EXPECT_EQ(mpi_release({bytes}, MpiFamily::open_mpi, {40, 30, 4}), "4.1.4");
    EXPECT_EQ(mpi_release({bytes}, MpiFamily::open_mpi, {40, 40, 0}), "5.0.7a1");
    EXPECT_EQ(mpi_release({bytes}, MpiFamily::open_mpi, {40, 20, 0}), "4.0");
    EXPECT_EQ(mpi_release({bytes}, MpiFamily::mpich, {12, 1, 9}), "");
    EXPECT_EQ(mpi_vendor({"Intel(R) MPI Library 2021.9 for Linux* OS"}), "Intel MPI");
    EXPECT_EQ(mpi_vendor({bytes}), "");
}

struct AbiCase {
    AbiVersion host, image;
    AbiRelation major, full, strict;
};

TEST(AbiChecks, AtEveryLevel) {
    using enum AbiRelation;
    const std::vector<AbiCase> cases{
        {{12, 5, 5}, {12, 5, 5}, fits, fits, fits},      {{12, 5, 5}, {12, 5, 9}, fits, fits, fits},
        {{12, 5, 5}, {12, 4, 9}, fits, fits, differs},   {{12, 4, 5}, {12, 5, 0}, fits, older, differs},
        {{12}, {12, 5, 0}, fits, differs, differs},      {{12, 5}, {12}, fits, fits, differs},
        {{13, 5}, {12, 5}, differs, differs, differs},   {{}, {12}, differs, differs, differs},
        {{40, 40, 7}, {40, 30, 4}, fits, fits, differs},
    };
    for (const auto& row : cases) {
        const auto both = to_string(row.host) + " for " + to_string(row.image);
        EXPECT_EQ(compare_abi(row.host, row.image, AbiCheck::major), row.major) << both;
        EXPECT_EQ(compare_abi(row.host, row.image, AbiCheck::full), row.full) << both;
        EXPECT_EQ(compare_abi(row.host, row.image, AbiCheck::strict), row.strict) << both;
    }
}

}  // namespace
}  // namespace mpi_podman
