#include "hook/contract.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace mpi_podman {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;

const Environment least{{"LDCONFIG_PATH", "/sbin/ldconfig"}, {"MPI_LIBS", "/opt/mpi/lib/libmpi.so.12"}};

Environment with(const std::string& name, const std::string& value) {
    auto environment = least;
    environment[name] = value;
    return environment;
}

TEST(Contract, TheLeast) {
    const auto contract = contract_from(least);
    ASSERT_TRUE(contract);
    EXPECT_EQ(contract->ldconfig, "/sbin/ldconfig");
    EXPECT_THAT(contract->mpi_libraries, ElementsAre("/opt/mpi/lib/libmpi.so.12"));
    EXPECT_THAT(contract->dependencies, IsEmpty());
    EXPECT_THAT(contract->bind_mounts, IsEmpty());
    EXPECT_EQ(contract->check, AbiCheck::major);
    EXPECT_FALSE(contract->rootless);
}

TEST(Contract, ListsAreApartByColons) {
    EXPECT_THAT(contract_from(with("MPI_LIBS", "/a/libmpi.so.12:/b/libmpicxx.so.12"))->mpi_libraries,
                ElementsAre("/a/libmpi.so.12", "/b/libmpicxx.so.12"));
    EXPECT_THAT(contract_from(with("MPI_DEPENDENCY_LIBS", ":/a/libx.so::/b/liby.so:"))->dependencies,
                ElementsAre("/a/libx.so", "/b/liby.so"));
    EXPECT_THAT(contract_from(with("BIND_MOUNTS", "/dev/xpmem:/var/opt/spool"))->bind_mounts,
                ElementsAre("/dev/xpmem", "/var/opt/spool"));
}

TEST(Contract, AnUnknownCheckIsMajor) {
    const auto check = [](const char* word) {
        return contract_from(with("MPI_COMPATIBILITY_TYPE", word))->check;
    };
    EXPECT_EQ(check("major"), AbiCheck::major);
    EXPECT_EQ(check("full"), AbiCheck::full);
    EXPECT_EQ(check("strict"), AbiCheck::strict);
    EXPECT_EQ(check("Full"), AbiCheck::major);
    EXPECT_EQ(check(""), AbiCheck::major);
}

TEST(Contract, RootlessInAnyCase) {
    for (const auto* word : {"True", "true", "TRUE"}) {
        EXPECT_TRUE(contract_from(with("HOOK_ROOTLESS", word))->rootless) << word;
    }
    for (const auto* word : {"", "1", "yes", "False"}) {
        EXPECT_FALSE(contract_from(with("HOOK_ROOTLESS", word))->rootless) << word;
    }
}

struct Wrong {
    const char *name, *value, *said;
};

TEST(Contract, WhatIsMissingOrNotAbsoluteIsNamed) {
    for (const auto& [name, value, said] :
         {Wrong{"LDCONFIG_PATH", "", "LDCONFIG_PATH is not set"},
          {"MPI_LIBS", "", "MPI_LIBS is not set"},
          {"MPI_LIBS", ":", "MPI_LIBS is not set"},
          {"LDCONFIG_PATH", "ldconfig", "LDCONFIG_PATH has ldconfig"},
          {"MPI_LIBS", "/a/libmpi.so.12:libmpicxx.so.12", "MPI_LIBS has libmpicxx.so.12"},
          {"MPI_DEPENDENCY_LIBS", "libx.so", "MPI_DEPENDENCY_LIBS has libx.so"},
          {"BIND_MOUNTS", "dev/xpmem", "BIND_MOUNTS has dev/xpmem"}}) {
        const auto contract = contract_from(with(name, value));
        ASSERT_FALSE(contract) << name << "=" << value;
        EXPECT_THAT(contract.error().message, HasSubstr(said));
    }
}

}  // namespace
}  // namespace mpi_podman
