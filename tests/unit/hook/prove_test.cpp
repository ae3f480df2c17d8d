#include <gmock/gmock.h>

#include "hook/plan.hpp"
#include "unit/hook/two_roots.hpp"

namespace mpi_podman {
namespace {

using testing::HasSubstr;

/// A host whose libmpi needs a C library and a library of its own.
class HookProofs : public test::TwoRoots {
protected:
    void SetUp() override {
        TwoRoots::SetUp();
        libc("/host/lib/libc.so.6", "2.31 2.34");
        library("/host/lib/libopen-pal.so.40", "void opal(void) {}", "-Wl,-soname,libopen-pal.so.40");
        library(
            "/host/lib/libmpi.so.40.30.4",
            "void opal(void); void of_2_34(void); void MPI_Init(void) { opal(); of_2_34(); }",
            "-Wl,-soname,libmpi.so.40 " + with("/host/lib/libc.so.6") + with("/host/lib/libopen-pal.so.40"));
        make("/container", "/usr/lib/libmpi.so.40.30.0");
    }
    /// One that defines the versions named, and a symbol of each.
    void libc(const std::string& path, const std::string& releases) const {
        std::string versions;
        std::string code;
        for (std::size_t at = 0; at < releases.size(); at += 5) {
            const auto release = releases.substr(at, 4);
            const auto symbol = "of_2_" + release.substr(2);
            versions += "GLIBC_" + release + " { global: " + symbol + "; };\n";
            code += "void " + symbol + "(void) {}\n";
        }
        library(path, "/*" + versions + "*/ " + code, "-Wl,-soname,libc.so.6");
    }
    [[nodiscard]] Result<void> proven(const std::string& dependencies) const {
        if (!run_ldconfig()) {
            return failure(Status::ours, "no ldconfig");
        }
        const auto contract = *contract_from({{"LDCONFIG_PATH", "/sbin/ldconfig"},
                                              {"MPI_LIBS", "/lib/libmpi.so.40.30.4"},
                                              {"MPI_DEPENDENCY_LIBS", dependencies}});
        const auto facts = look_for_hook(contract, host(), container());
        auto plan = facts.and_then([&](const HookFacts& known) { return plan_hook(contract, known); });
        if (!plan) {
            return failure(plan.error());
        }
        for (auto& mount : plan->mounts) {
            mount.source.insert(0, home / "host");  // this test's host is not at /
        }
        auto seen = *facts;
        seen.mpi.front().library.file.insert(0, home / "host");
        return prove(*plan, seen, container());
    }
};

TEST_F(HookProofs, WhatCanBeLoaded) {
    libc("/container/usr/lib/libc.so.6", "2.31 2.34");
    const auto proof = proven("/lib/libopen-pal.so.40");
    EXPECT_TRUE(proof) << proof.error().message;
}

TEST_F(HookProofs, ACLibraryThatIsTooOld) {
    libc("/container/usr/lib/libc.so.6", "2.31");
    const auto proof = proven("/lib/libopen-pal.so.40");
    ASSERT_FALSE(proof);
    EXPECT_THAT(proof.error().message, HasSubstr("needs GLIBC_2.34 of libc.so.6; the image has glibc 2.31"));
    EXPECT_THAT(proof.error().hint, HasSubstr("as new as the host"));
}

TEST_F(HookProofs, ADependencyThatNobodyBrings) {
    libc("/container/usr/lib/libc.so.6", "2.31 2.34");
    const auto proof = proven("");
    ASSERT_FALSE(proof);
    EXPECT_THAT(proof.error().message, HasSubstr("libopen-pal.so.40 is not in the image"));
    EXPECT_THAT(proof.error().hint, HasSubstr("MPI_DEPENDENCY_LIBS"));
}

}  // namespace
}  // namespace mpi_podman
