#include "pmi/family.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "unit/temporary_directory.hpp"

namespace mpi_podman::pmi {
namespace {

using testing::AllOf;
using testing::HasSubstr;

class FamilyOfJob : public testing::Test {
protected:
    test::TemporaryDirectory home;
    Families families{home.path()};
};

TEST_F(FamilyOfJob, OfOneFamilyIsFineHoweverManySpeak) {
    for (const auto family : {Family::pmix, Family::pmi}) {
        const test::TemporaryDirectory another;
        const Families one(another.path());
        for (int rank = 0; rank < 3; ++rank) {
            EXPECT_TRUE(one.come(family, "image"));
            EXPECT_TRUE(one.speak(family));
        }
    }
}

TEST_F(FamilyOfJob, OfProgramsWithoutMpiMayUseImagesOfBoth) {
    EXPECT_TRUE(families.come(Family::pmix, "a"));
    EXPECT_TRUE(families.come(Family::pmi, "b"));
    EXPECT_TRUE(families.come(Family::pmix, "a"));
}

TEST_F(FamilyOfJob, OfTwoFamiliesFailsWhenOneSpeaks) {
    EXPECT_TRUE(families.come(Family::pmi, "b"));
    EXPECT_TRUE(families.come(Family::pmix, "a"));
    const auto spoken = families.speak(Family::pmi);
    ASSERT_FALSE(spoken);
    EXPECT_THAT(spoken.error().message, AllOf(HasSubstr("a speaks PMIx"), HasSubstr("b PMI (MPICH)")));
    EXPECT_THAT(spoken.error().hint, HasSubstr("--pmi=none"));
}

TEST_F(FamilyOfJob, OfTwoFamiliesFailsWhereTheOtherComesLater) {
    EXPECT_TRUE(families.come(Family::pmi, "b"));
    EXPECT_TRUE(families.speak(Family::pmi));
    EXPECT_TRUE(families.come(Family::pmi, "b"));
    const auto came = families.come(Family::pmix, "a");
    ASSERT_FALSE(came);
    EXPECT_EQ(families.speak(Family::pmi).error().message, came.error().message) << "said once";
}

TEST_F(FamilyOfJob, WithoutDirectoryFails) {
    EXPECT_FALSE(Families(home / "gone").come(Family::pmi, "b"));
    EXPECT_FALSE(Families(home / "gone").speak(Family::pmi));
}

}  // namespace
}  // namespace mpi_podman::pmi
