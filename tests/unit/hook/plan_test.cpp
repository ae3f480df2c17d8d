#include "hook/plan.hpp"

#include <gmock/gmock.h>

#include <algorithm>
#include <ostream>

#include "unit/hook/two_roots.hpp"

namespace mpi_podman {
namespace {

using testing::HasSubstr;

/// Libraries of a host and of a container, and what comes of them.
struct Case {
    const char* name;
    std::vector<std::string> mpi = {}, dependencies = {}, container = {};
    const char* check = "major";
    /// "SOURCE at TARGET", sorted; or what the refusal says.
    std::vector<std::string> mounts = {}, refused = {};
    std::vector<std::string> links = {},
                             no_links = {};  ///< "PATH to TARGET": some of those that are, or are not, made
    std::vector<std::string> caveats = {};
};
void PrintTo(const Case& one, std::ostream* out) { *out << one.name; }

const std::vector<Case> the_contract{
    {.name = "TheSameVersionInAnotherDirectory",
     .mpi = {"/lib/libmpi.so.12.5.5"},
     .container = {"/usr/local/lib/libmpi.so.12.5.5"},
     .mounts = {"/lib/libmpi.so.12.5.5 at /usr/local/lib/libmpi.so.12.5.5"},
     .links = {"/usr/lib/libmpi.so to /usr/local/lib/libmpi.so.12.5.5",
               "/usr/lib/libmpi.so.12 to /usr/local/lib/libmpi.so.12.5.5",
               "/usr/lib/libmpi.so.12.5 to /usr/local/lib/libmpi.so.12.5.5",
               "/usr/lib/libmpi.so.12.5.5 to /usr/local/lib/libmpi.so.12.5.5",
               "/usr/lib64/libmpi.so.12 to /usr/local/lib/libmpi.so.12.5.5"}},
    {.name = "EachPlaceInTheContainer",
     .mpi = {"/lib/libmpi.so.12.5.5"},
     .container = {"/usr/lib/libmpi.so.12.1.8", "/opt/lib/libmpi.so.12.4.0"},
     .mounts = {"/lib/libmpi.so.12.5.5 at /opt/lib/libmpi.so.12.4.0",
                "/lib/libmpi.so.12.5.5 at /usr/lib/libmpi.so.12.1.8"},
     .no_links = {"/usr/lib/libmpi.so.12 to"}},  // leads to a place that is covered
    {.name = "WhatTheContainerLacksIsAdded",
     .mpi = {"/opt/mpi/libmpi.so.12.5.5", "/opt/mpi/libmpicxx.so.12.5.5"},
     .container = {"/usr/lib/libmpi.so.12.5.5"},
     .mounts = {"/opt/mpi/libmpi.so.12.5.5 at /usr/lib/libmpi.so.12.5.5",
                "/opt/mpi/libmpicxx.so.12.5.5 at /usr/lib/libmpicxx.so.12.5.5"},
     .links = {"/usr/lib/libmpicxx.so.12 to /usr/lib/libmpicxx.so.12.5.5",
               "/usr/lib64/libmpicxx.so.12 to /usr/lib/libmpicxx.so.12.5.5"}},
    {.name = "OpenMpiByTheSameRules",
     .mpi = {"/lib/libmpi.so.40.30.4", "/lib/libmpi_mpifh.so.40.30.0"},
     .container = {"/usr/lib/libmpi.so.40.20.3", "/usr/lib/libmpi_mpifh.so.40.20.2"},
     .check = "full",
     .mounts = {"/lib/libmpi.so.40.30.4 at /usr/lib/libmpi.so.40.20.3",
                "/lib/libmpi_mpifh.so.40.30.0 at /usr/lib/libmpi_mpifh.so.40.20.2"}},
    {.name = "DebiansMpichForAnyOther",
     .mpi = {"/lib/libmpich.so.12.2.2"},
     .container = {"/usr/local/lib/libmpi.so.12.1.8"},
     .mounts = {"/lib/libmpich.so.12.2.2 at /usr/local/lib/libmpi.so.12.1.8"},
     .links = {"/usr/lib/libmpi.so.12 to /usr/local/lib/libmpi.so.12.1.8",
               "/usr/lib/libmpich.so.12 to /usr/local/lib/libmpi.so.12.1.8",
               "/usr/local/lib/libmpich.so.12 to /usr/local/lib/libmpi.so.12.1.8"}},
    {.name = "AnyOtherMpichForDebians",
     .mpi = {"/lib/libmpi.so.12.3.0"},
     .container = {"/usr/local/lib/libmpich.so.12.2.2"},
     .mounts = {"/lib/libmpi.so.12.3.0 at /usr/local/lib/libmpich.so.12.2.2"},
     .links = {"/usr/lib/libmpich.so.12 to /usr/local/lib/libmpich.so.12.2.2",
               "/usr/lib/libmpi.so.12 to /usr/local/lib/libmpich.so.12.2.2"}},
    {.name = "EachOfTheHostsForItsOwnName",
     .mpi = {"/lib/libmpich.so.12.2.2", "/lib/libmpi.so.12.2.2"},
     .container = {"/usr/lib/libmpi.so.12.1.8", "/usr/lib/libmpich.so.12.1.8"},
     .mounts = {"/lib/libmpi.so.12.2.2 at /usr/lib/libmpi.so.12.1.8",
                "/lib/libmpich.so.12.2.2 at /usr/lib/libmpich.so.12.1.8"}},
    {.name = "ASonameOfAnotherName",
     .mpi = {"/lib/libmpi.so.12=libmpich_gnu_71.so.3"},
     .container = {"/usr/local/lib/libmpi.so.12.0.1"},
     .mounts = {"/lib/libmpi.so.12 at /usr/local/lib/libmpi.so.12.0.1"},
     .links = {"/usr/lib/libmpi.so.12 to /usr/local/lib/libmpi.so.12.0.1",
               "/usr/local/lib/libmpich_gnu_71.so.3 to /usr/local/lib/libmpi.so.12.0.1"}},
    {.name = "AnotherFamilyBesideItsOwnStays",
     .mpi = {"/lib/libmpi.so.40.30.4"},
     .container = {"/usr/lib/libmpi.so.40.30.0", "/opt/lib/libmpi.so.12.1.8", "/usr/lib/libmpich.so.12.2.2"},
     .mounts = {"/lib/libmpi.so.40.30.4 at /usr/lib/libmpi.so.40.30.0"}},
};

const std::vector<Case> versions{
    {.name = "AnOlderHostsGoesByMajor",
     .mpi = {"/lib/libmpi.so.12.1.0"},
     .container = {"/usr/lib/libmpi.so.12.5.0"},
     .mounts = {"/lib/libmpi.so.12.1.0 at /usr/lib/libmpi.so.12.5.0"}},
    {.name = "AnOlderHostsGoesWithAWarningByFull",
     .mpi = {"/lib/libmpi.so.12.1.0"},
     .container = {"/usr/lib/libmpi.so.12.5.0"},
     .check = "full",
     .mounts = {"/lib/libmpi.so.12.1.0 at /usr/lib/libmpi.so.12.5.0"},
     .caveats =
         {"libmpi.so.12 of the host is older than the image's: the host's is 12.1.0, the image's 12.5.0"}},
    {.name = "AnOlderHostsIsRefusedByStrict",
     .mpi = {"/lib/libmpi.so.12.1.0"},
     .container = {"/usr/lib/libmpi.so.12.5.0"},
     .check = "strict",
     .refused = {"the host's is 12.1.0, the image's 12.5.0", "ABI check: strict"}},
    {.name = "ANewerHostsIsRefusedByStrict",
     .mpi = {"/lib/libmpi.so.12.6.0"},
     .container = {"/usr/lib/libmpi.so.12.5.0"},
     .check = "strict",
     .refused = {"the host's is 12.6.0, the image's 12.5.0"}},
    {.name = "AnotherPatchLevelGoesByStrict",
     .mpi = {"/lib/libmpi.so.12.5.9"},
     .container = {"/usr/lib/libmpi.so.12.5.0"},
     .check = "strict",
     .mounts = {"/lib/libmpi.so.12.5.9 at /usr/lib/libmpi.so.12.5.0"}},
    {.name = "NoMinorNumberIsTooLittleForFull",
     .mpi = {"/lib/libmpi.so.12"},
     .container = {"/usr/lib/libmpi.so.12.0.0"},
     .check = "full",
     .refused = {"the host's is 12, the image's 12.0.0"}},
    {.name = "AnotherMajor",
     .mpi = {"/lib/libmpi.so.40.30.4"},
     .container = {"/usr/lib/libmpi.so.20.10.1"},
     .refused = {"the host's is 40.30.4, the image's 20.10.1", "ABI check: major"}},
    {.name = "AnotherMajorThatNobodyKnows",
     .mpi = {"/lib/libmpi.so.12.5.5"},
     .container = {"/usr/lib/libmpi.so.13.0.0"},
     .refused = {"the container has libmpi.so.13"}},
    {.name = "AnotherMajorOfAPart",
     .mpi = {"/lib/libmpi.so.12.5.5", "/lib/libmpicxx.so.12.5.5", "/lib/libmpifort.so.12.5.5"},
     .container = {"/usr/lib/libmpi.so.12.0.0", "/usr/lib/libmpicxx.so.11.0.0",
                   "/usr/lib/libmpifort.so.13.0.0"},
     .refused = {"/lib/libmpicxx.so.11", "12.5.5, the image's 11.0.0", "/lib/libmpifort.so.13"}},
    {.name = "OneThatFitsBesideOneThatDoesNot",
     .mpi = {"/lib/libmpi.so.40.30.4"},
     .container = {"/usr/lib/libmpi.so.40.30.0", "/opt/lib/libmpi.so.20.10.0"},
     .refused = {"/opt/lib/libmpi.so.20", "the host's is 40.30.4, the image's 20.10.0"}},
    {.name = "AHostsWithoutVersion",
     .mpi = {"/lib/libmpi.so"},
     .container = {"/usr/lib/libmpi.so.12.0.0"},
     .refused = {"/lib/libmpi.so", "no ABI version"}},
};

const std::vector<Case> without_mpi{
    {.name = "NoMpi",
     .mpi = {"/lib/libmpi.so.12.5.5"},
     .container = {"/usr/lib/libz.so.1.2.13"},
     .refused = {"no MPI library in the container's ld.so.cache"}},
    {.name = "MpichForOpenMpi",
     .mpi = {"/lib/libmpi.so.40.30.4"},
     .container = {"/usr/lib/libmpich.so.12.2.2"},
     .refused = {"libmpich.so.12 of MPICH", "MPI_LIBS are Open MPI"}},
    {.name = "MpichByItsSharedNameForOpenMpi",
     .mpi = {"/lib/libmpi.so.40.30.4"},
     .container = {"/usr/lib/libmpi.so.12.1.8"},
     .refused = {"libmpi.so.12 of MPICH", "MPI_LIBS are Open MPI"}},
    {.name = "OpenMpiForMpich",
     .mpi = {"/lib/libmpi.so.12.1.8"},
     .container = {"/usr/lib/libmpi.so.40.30.4"},
     .refused = {"libmpi.so.40 of Open MPI", "MPI_LIBS are MPICH"}},
};

const std::vector<std::string> mpi{"/lib/libmpi.so.12.1.0"};
const std::string at_its_own = "/lib/libmpi.so.12.1.0 at /usr/lib/libmpi.so.12.1.0";

const std::vector<Case> dependencies{
    {.name = "NoneThere",
     .mpi = mpi,
     .dependencies = {"/opt/ofi/libfabric.so.1.18.1"},
     .container = {"/usr/lib/libmpi.so.12.1.0"},
     .mounts = {at_its_own, "/opt/ofi/libfabric.so.1.18.1 at /usr/lib/libfabric.so.1.18.1"},
     .links = {"/usr/lib/libfabric.so.1 to /usr/lib/libfabric.so.1.18.1",
               "/usr/lib/libfabric.so to /usr/lib/libfabric.so.1.18.1"}},
    {.name = "WithoutAnyVersion",
     .mpi = mpi,
     .dependencies = {"/opt/libdep.so"},
     .container = {"/usr/lib/libmpi.so.12.1.0", "/usr/local/lib/libdep.so"},
     .mounts = {at_its_own, "/opt/libdep.so at /usr/local/lib/libdep.so"},
     .links = {"/usr/lib/libdep.so to /usr/local/lib/libdep.so"}},
    {.name = "AnOlderOneIsReplaced",
     .mpi = mpi,
     .dependencies = {"/opt/libdep.so.4.4"},
     .container = {"/usr/lib/libmpi.so.12.1.0", "/usr/local/lib/libdep.so.4.3"},
     .check = "strict",  // is for MPI_LIBS
     .mounts = {at_its_own, "/opt/libdep.so.4.4 at /usr/local/lib/libdep.so.4.3"}},
    {.name = "ANewerOneStays",
     .mpi = mpi,
     .dependencies = {"/opt/libdep.so.4.2"},
     .container = {"/usr/lib/libmpi.so.12.1.0", "/usr/lib/libdep.so.4.3"},
     .mounts = {at_its_own, "/opt/libdep.so.4.2 at /usr/lib/libdep.so.4.2"},
     .links = {"/usr/lib/libdep.so.4 to /usr/lib/libdep.so.4.2"}},
    {.name = "ANewerOneStaysWhereTheSiteNamesItByItsSoname",
     .mpi = mpi,
     .dependencies = {"/opt/libdep.so.4"},
     .container = {"/usr/lib/libmpi.so.12.1.0", "/usr/lib/libdep.so.4.3"},
     .mounts = {at_its_own, "/opt/libdep.so.4.2.0 at /usr/lib/libdep.so.4.2.0"},
     .links = {"/usr/lib/libdep.so.4 to /usr/lib/libdep.so.4.2.0"}},
    {.name = "AnotherMajorStaysAndKeepsThePlainName",
     .mpi = mpi,
     .dependencies = {"/opt/libdep.so.4.2"},
     .container = {"/usr/lib/libmpi.so.12.1.0", "/usr/lib/libdep.so.5.0", "/usr/lib/libdep.so"},
     .mounts = {at_its_own, "/opt/libdep.so.4.2 at /usr/lib/libdep.so.4.2"},
     .links = {"/usr/lib/libdep.so.4 to /usr/lib/libdep.so.4.2"},
     .no_links = {"/usr/lib/libdep.so to", "/usr/lib64/libdep.so to"}},
    {.name = "APartOfTheCLibrary",
     .mpi = mpi,
     .dependencies = {"/opt/libm.so.6"},
     .container = {"/usr/lib/libmpi.so.12.1.0"},
     .refused = {"/opt/libm.so.6, a part of the C library"}},
};

class HookPlans : public test::TwoRoots, public testing::WithParamInterface<Case> {
protected:
    void SetUp() override {
        TwoRoots::SetUp();
        for (const auto* group : {&GetParam().mpi, &GetParam().dependencies}) {
            for (const auto& library : *group) {
                make("/host", library);
            }
        }
        for (const auto& library : GetParam().container) {
            make("/container", library);
        }
        if (GetParam().name == std::string("ANewerOneStaysWhereTheSiteNamesItByItsSoname")) {
            std::filesystem::rename(home / "host/opt/libdep.so.4", home / "host/opt/libdep.so.4.2.0");
            link("/host/opt/libdep.so.4", "libdep.so.4.2.0");
        }
        ASSERT_TRUE(run_ldconfig());
    }
    [[nodiscard]] Contract contract() const {
        Environment environment{{"LDCONFIG_PATH", "/sbin/ldconfig"},
                                {"MPI_COMPATIBILITY_TYPE", GetParam().check}};
        for (const auto& library : GetParam().mpi) {
            environment["MPI_LIBS"] += library.substr(0, library.find('=')) + ":";
        }
        for (const auto& library : GetParam().dependencies) {
            environment["MPI_DEPENDENCY_LIBS"] += library + ":";
        }
        return *contract_from(environment);
    }
    [[nodiscard]] Result<HookPlan> plan() const {
        return look_for_hook(contract(), host(), container()).and_then([&](const HookFacts& facts) {
            return plan_hook(contract(), facts);
        });
    }
};

TEST_P(HookPlans, AsTheContractSays) {
    const auto made = plan();
    for (const auto& words : GetParam().refused) {
        ASSERT_FALSE(made);
        EXPECT_THAT(made.error().message, HasSubstr(words));
        EXPECT_NE(made.error().hint, "");
    }
    if (!GetParam().refused.empty()) {
        return;
    }
    ASSERT_TRUE(made) << made.error().message;
    std::vector<std::string> mounts;
    for (const auto& mount : made->mounts) {
        mounts.push_back(mount.source + " at " + mount.target);
    }
    std::ranges::sort(mounts);
    EXPECT_EQ(mounts, GetParam().mounts);
    std::string links;
    for (const auto& link : made->links) {
        links += link.path + " to " + link.target + "\n";
    }
    for (const auto& link : GetParam().links) {
        EXPECT_THAT(links, HasSubstr(link + "\n"));
    }
    for (const auto& link : GetParam().no_links) {
        EXPECT_THAT(links, Not(HasSubstr(link)));
    }
    std::vector<std::string> caveats;
    for (const auto& caveat : made->caveats) {
        caveats.push_back(caveat.what + ": " + caveat.why);
    }
    EXPECT_EQ(caveats, GetParam().caveats);
}

std::string name_of_case(const testing::TestParamInfo<Case>& info) { return info.param.name; }

INSTANTIATE_TEST_SUITE_P(Replaces, HookPlans, testing::ValuesIn(the_contract), name_of_case);
INSTANTIATE_TEST_SUITE_P(Versions, HookPlans, testing::ValuesIn(versions), name_of_case);
INSTANTIATE_TEST_SUITE_P(WithoutMpi, HookPlans, testing::ValuesIn(without_mpi), name_of_case);
INSTANTIATE_TEST_SUITE_P(Dependencies, HookPlans, testing::ValuesIn(dependencies), name_of_case);

}  // namespace
}  // namespace mpi_podman
