#include <gmock/gmock.h>

#include "plan/host_mpi.hpp"
#include "unit/plan/decided.hpp"

namespace mpi_podman {
namespace {

using testing::Contains;
using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;
using testing::IsSupersetOf;
using testing::Not;

const std::string inside(host_mpi_directory);

class HostMpiOption : public test::Decide {
protected:
    HostMpiOption() {
        options.mpi = MpiFrom::host;
        host.mpi_mounts = {{"/usr/lib/libmpi.so.40.30.4", inside + "/libmpi.so.40"},
                           {"/etc/openmpi", "/etc/openmpi"}};
    }
    [[nodiscard]] std::string library_path() const { return plan().environment.set["LD_LIBRARY_PATH"]; }
};

TEST_F(HostMpiOption, Mounts) { EXPECT_EQ(plan().mpi_mounts, host.mpi_mounts); }

TEST_F(HostMpiOption, NothingOfItWithTheImagesMpi) {
    options.mpi = MpiFrom::image;
    EXPECT_THAT(plan().mpi_mounts, IsEmpty());
    EXPECT_EQ(plan().mpi_from, "");
    EXPECT_FALSE(plan().environment.set.contains("LD_LIBRARY_PATH"));
}

TEST_F(HostMpiOption, OtherOptionsAreAnotherContainer) {
    const auto plain = plan().mpi_from;
    options.abi = AbiCheck::full;
    const auto full = plan().mpi_from;
    options.mpi_prefix = "/opt/openmpi";
    EXPECT_NE(plain, full);
    EXPECT_NE(full, plan().mpi_from);
}

TEST_F(HostMpiOption, WhatTheUserMountsThereStays) {
    options.volumes = {"/mine:/etc/openmpi/:ro"};
    EXPECT_THAT(plan().mpi_mounts, ElementsAre(host.mpi_mounts.front()));
}

TEST_F(HostMpiOption, TheCurrentDirectoryIsMountedOnce) {
    host.mpi_mounts.push_back({host.cwd, host.cwd});
    EXPECT_THAT(plan().mpi_mounts, Not(Contains(HostMount{host.cwd, host.cwd})));
    options.no_cwd = true;
    EXPECT_THAT(plan().mpi_mounts, Contains(HostMount{host.cwd, host.cwd}));
}

TEST_F(HostMpiOption, LibrariesAreFoundBeforeTheImages) {
    EXPECT_EQ(library_path(), inside);
    image.environment.emplace_back("LD_LIBRARY_PATH=/image/lib:/more");
    EXPECT_EQ(library_path(), inside + ":/image/lib:/more");
}

TEST_F(HostMpiOption, LibrariesAreFoundBeforeWhatTheUserNames) {
    image.environment.emplace_back("LD_LIBRARY_PATH=/image/lib");
    options.environment = {"LD_LIBRARY_PATH=/typed"};
    EXPECT_EQ(library_path(), inside + ":/typed");
    options.environment = {"LD_LIBRARY_PATH"};
    environment["LD_LIBRARY_PATH"] = "/outside";
    EXPECT_EQ(library_path(), inside + ":/outside");
    EXPECT_THAT(plan().environment.inherited, Not(Contains("LD_LIBRARY_PATH")));
}

TEST_F(HostMpiOption, UnsetTakesTheImagesAwayOnly) {
    image.environment.emplace_back("LD_LIBRARY_PATH=/image/lib");
    options.unset = {"LD_LIBRARY_PATH"};
    EXPECT_EQ(library_path(), inside);
    EXPECT_THAT(plan().environment.unset, IsEmpty());
}

TEST_F(HostMpiOption, PrefixesPassWhereTheyNameTheOneThatIsBrought) {
    environment["OPAL_PREFIX"] = "/opt/openmpi";
    environment["PMIX_PREFIX"] = "/opt/pmix";
    EXPECT_THAT(plan().environment.inherited, Not(Contains("OPAL_PREFIX")));
    options.mpi_prefix = "/opt/openmpi";
    EXPECT_THAT(plan().environment.inherited, Contains("OPAL_PREFIX"));
    EXPECT_THAT(plan().environment.inherited, Not(Contains("PMIX_PREFIX")));
}

TEST_F(HostMpiOption, PlacesOfTheHostsMpiPassWithIt) {
    environment["I_MPI_ROOT"] = "/opt/intel/mpi";
    environment["FI_PROVIDER_PATH"] = "/opt/intel/mpi/libfabric/lib/prov";
    EXPECT_THAT(plan().environment.inherited, IsSupersetOf({"I_MPI_ROOT", "FI_PROVIDER_PATH"}));
    options.mpi = MpiFrom::image;
    EXPECT_THAT(plan().environment.inherited, Not(Contains("I_MPI_ROOT")));
    EXPECT_THAT(plan().environment.inherited, Not(Contains("FI_PROVIDER_PATH")));
}

TEST_F(HostMpiOption, TheMpiThatRunsIsTheHosts) {
    image.mpi = {"/usr/lib/libmpi.so.40.30.4", "", "libmpi.so.40.30.4"};
    EXPECT_EQ(plan().pmi.bridge, Bridge::none);
    EXPECT_THAT(plan().pmi.reason, HasSubstr("the host has Open MPI"));
    image.mpi = {"", "/usr/lib/libmpich.so.12", ""};
    EXPECT_EQ(plan().pmi.bridge, Bridge::pmi_server);
}

}  // namespace
}  // namespace mpi_podman
