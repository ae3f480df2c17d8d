#include "run/explain_ending.hpp"

#include <gmock/gmock.h>

#include <csignal>

#include "unit/abi/sample_mpis.hpp"

namespace mpi_podman {
namespace {

using namespace std::chrono_literals;
using testing::AllOf;
using testing::HasSubstr;
using testing::Not;

const auto open_mpi = test::open_mpi("4.1.4", {40, 30, 4});
const auto mpich = test::mpich("4.0.2", {12, 2, 2}, "libmpich.so.12");
const auto image = test::root_with({open_mpi}, "2.31");
const PmiPath direct{Bridge::none, "the image has Open MPI: passed through", Pmi::pmix, Pmi::pmix};

CommandFacts healthy() {
    auto command = test::linked_with({open_mpi.libmpi});
    command.undefined.emplace();
    return command;
}
CommandFacts without(const std::string& library) {
    auto command = healthy();
    command.missing = {{library, "/bin/ring", {}}};
    return command;
}
CommandFacts newer() {
    auto command = healthy();
    command.unmet = {{"libc.so.6", "GLIBC_2.34", "/lib/libc.so.6", "/bin/ring"}};
    return command;
}

/// What would be said; empty: nothing.
std::string said(const Ending& ending, const CommandFacts& command, const PmiPath& pmi = direct) {
    const auto error = explanation_of(ending, image, command, pmi);
    return error ? error->message + "; " + error->hint : "";
}

TEST(Explanation, AMissingLibraryIsCertain) {
    EXPECT_THAT(said({127, 0}, without("libhdf5.so.103")),
                AllOf(HasSubstr("ring ended with status 127: libhdf5.so.103 is not in the image; /bin/ring"),
                      HasSubstr("install it"), Not(HasSubstr("may be"))));
    EXPECT_THAT(said({127, 0}, without("libmpich.so.12")), HasSubstr("there is no MPICH there"));
}

TEST(Explanation, AMissingVersionHasBothVersions) {
    EXPECT_THAT(said({1, 0}, newer()), AllOf(HasSubstr("/bin/ring needs GLIBC_2.34 of libc.so.6"),
                                             HasSubstr("the image has glibc 2.31"), HasSubstr("build it")));
}

TEST(Explanation, AllOfSeveralAreSaidUpToThree) {
    auto command = without("liba.so.1");
    for (const auto* name : {"libb.so.1", "libc.so.1", "libd.so.1", "libe.so.1"}) {
        command.missing.push_back({name, "/bin/ring", {}});
    }
    EXPECT_THAT(said({127, 0}, command), AllOf(HasSubstr("liba.so.1"), HasSubstr("libc.so.1"),
                                               Not(HasSubstr("libd.so.1")), HasSubstr("and 2 more")));
}

TEST(Explanation, ThereIsNoneWhereTheFactsShowNoCause) {
    EXPECT_EQ(said({127, 0}, healthy()), "");
    EXPECT_EQ(said({1, 0}, healthy()), "");
    EXPECT_EQ(said({0, SIGSEGV}, healthy()), "");
    auto shell = test::linked_with({});  // not linked with MPI at all
    EXPECT_EQ(said({1, 0}, shell), "");
}

TEST(Explanation, WhatDidNotEndAsTheLoaderEndsWasStarted) {
    EXPECT_EQ(said({0, SIGSEGV}, without("libz.so.1")), "");
    EXPECT_EQ(said({1, 0}, without("libz.so.1")), "");
    EXPECT_EQ(said({255, 0}, newer()), "");
    EXPECT_EQ(said({127, 0}, newer()), "");
}

TEST(Explanation, TwoFamiliesInOneProcessMayBeIt) {
    const auto command = test::linked_with({open_mpi.libmpi, mpich.libmpi});
    EXPECT_THAT(said({0, SIGSEGV}, command),
                AllOf(HasSubstr("ring ended by Segmentation fault soon after its start; it may be that"),
                      HasSubstr("libmpi.so.40 and libmpich.so.12")));
}

TEST(Explanation, ASymbolThatNothingDefinesMayBeIt) {
    auto command = healthy();
    command.undefined = {{"ompi_new", "", "/bin/ring"}};
    EXPECT_THAT(said({127, 0}, command), AllOf(HasSubstr("it may be that"), HasSubstr("ompi_new")));
    EXPECT_EQ(said({1, 0}, command), "");
    EXPECT_EQ(said({0, SIGSEGV}, command), "");
}

TEST(Explanation, AProgramThatSpeaksOtherwiseMayBeIt) {
    const auto command = test::linked_with({mpich.libmpi});
    EXPECT_THAT(said({15, 0}, command),
                AllOf(HasSubstr("it may be that it has MPICH, which speaks PMI-1"), HasSubstr("--pmi=pmi1")));
    EXPECT_EQ(said({15, 0}, command, {Bridge::pmi_server, "", Pmi::pmi1, Pmi::pmix}), "");
    EXPECT_EQ(said({15, 0}, command, {Bridge::none, "--pmi=none", Pmi::none, Pmi::none}), "");
}

TEST(MayBeExplained, EarlyEndsOfCertainKinds) {
    for (const Ending ending :
         {Ending{127, 0}, Ending{1, 0}, Ending{15, 0}, Ending{0, SIGSEGV}, Ending{0, SIGILL}}) {
        EXPECT_TRUE(may_be_explained(ending, 3s));
        EXPECT_FALSE(may_be_explained(ending, 11s));
    }
    for (const Ending ending :
         {Ending{0, 0}, Ending{3, 0}, Ending{0, SIGTERM}, Ending{0, SIGKILL}, Ending{0, SIGINT}}) {
        EXPECT_FALSE(may_be_explained(ending, 0s));
    }
}

}  // namespace
}  // namespace mpi_podman
