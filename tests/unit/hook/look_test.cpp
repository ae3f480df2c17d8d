#include "hook/look.hpp"

#include <gmock/gmock.h>

#include "unit/hook/two_roots.hpp"

namespace mpi_podman {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;

class HookLooks : public test::TwoRoots {
protected:
    [[nodiscard]] Result<HookFacts> facts(const Environment& more = {}) const {
        Environment environment{{"LDCONFIG_PATH", "/sbin/ldconfig"}, {"MPI_LIBS", "/lib/libmpi.so.12.1.0"}};
        for (const auto& [name, value] : more) {
            environment[name] = value;
        }
        return look_for_hook(*contract_from(environment), host(), container());
    }
    [[nodiscard]] std::vector<std::string> cached() const {
        std::vector<std::string> files;
        const auto found = facts();
        for (const auto& library : found->cached) {
            files.push_back(library.file);
        }
        return files;
    }
};

TEST_F(HookLooks, AnEntryWhoseFileIsGoneOrNoLibraryIsPassedOver) {
    make("/host", "/lib/libmpi.so.12.1.0");
    make("/container", "/usr/lib/libmpi.so.12.0.0");
    make("/container", "/opt/lib/libmpi.so.12.1.0");
    make("/container", "/usr/local/lib/libmpi.so.12.2.0");
    ASSERT_TRUE(run_ldconfig());
    EXPECT_THAT(cached(),
                testing::UnorderedElementsAre("/usr/lib/libmpi.so.12.0.0", "/opt/lib/libmpi.so.12.1.0",
                                              "/usr/local/lib/libmpi.so.12.2.0"));
    std::filesystem::remove(home / "container/usr/lib/libmpi.so.12.0.0");
    home.file("container/opt/lib/libmpi.so.12.1.0", "no ELF file");
    EXPECT_THAT(cached(), ElementsAre("/usr/local/lib/libmpi.so.12.2.0"));
}

TEST_F(HookLooks, WithoutACacheItSaysSo) {
    make("/host", "/lib/libmpi.so.12.1.0");
    make("/container", "/usr/lib/libmpi.so.12.0.0");
    EXPECT_THAT(facts()->cached, IsEmpty());
    EXPECT_THAT(facts()->cache_problem, HasSubstr("/etc/ld.so.cache"));
}

TEST_F(HookLooks, ALinkOfTheImageStaysInside) {
    make("/host", "/lib/libmpi.so.12.1.0");
    make("/container", "/usr/lib/libmpi.so.12.0.0");
    ASSERT_TRUE(run_ldconfig());
    std::filesystem::remove(home / "container/usr/lib/libmpi.so.12.0.0");
    const auto outside = home / "host/lib/libmpi.so.12.1.0";
    link("/container/usr/lib/libmpi.so.12.0.0", outside);
    EXPECT_THAT(cached(), IsEmpty());
    std::filesystem::remove(home / "container/usr/lib/libmpi.so.12.0.0");
    link("/container/usr/lib/libmpi.so.12.0.0", "../../../../../../../.." + outside);
    EXPECT_THAT(cached(), IsEmpty());
}

TEST_F(HookLooks, WhatTheSiteNamesMustBeThere) {
    make("/host", "/lib/libmpi.so.12.1.0");
    home.file("host/etc/mpi.conf", "no library");
    ASSERT_TRUE(run_ldconfig());
    struct Wrong {
        const char *name, *value, *said;
    };
    for (const auto& [name, value, said] :
         {Wrong{"MPI_LIBS", "/lib/libmpi.so.13", "MPI_LIBS names /lib/libmpi.so.13, which is not there"},
          {"MPI_DEPENDENCY_LIBS", "/etc/mpi.conf",
           "MPI_DEPENDENCY_LIBS names /etc/mpi.conf, which is no library"},
          {"BIND_MOUNTS", "/dev/xpmem", "BIND_MOUNTS names /dev/xpmem, which is not there"}}) {
        const auto found = facts({{name, value}});
        ASSERT_FALSE(found) << name;
        EXPECT_THAT(found.error().message, HasSubstr(said));
    }
}

}  // namespace
}  // namespace mpi_podman
