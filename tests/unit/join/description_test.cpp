#include "join/description.hpp"

#include <gtest/gtest.h>
#include <linux/filter.h>
#include <sched.h>

#include <random>

namespace mpi_podman {
namespace {

Description a_description() {
    Description description;
    description.capabilities = {0x800405FB, 1, 2, 3, 4};
    description.no_new_privileges = true;
    description.seccomp = std::string("\0\1\2\3", 4);
    description.apparmor = "containers-default";
    description.environment = {"PATH=/usr/bin", "EMPTY=", "LATIN=caf\xe9"};
    description.entry = {"/entry", "@"};
    description.workdir = "/srv";
    description.needs_locked_memory = true;
    description.mpi.open_mpi = "/usr/lib/libmpi.so.40";
    description.conmon = 4711;
    description.namespaces = {CLONE_NEWUSER | CLONE_NEWPID, CLONE_NEWNS};
    description.container = "mpi-podman-node1-1";
    description.at_start = {{"/store/diff"}, {"/home/mpi"},        {"/etc/\t16877 0 0"},
                            "0:1 / /\n",     "/store/images.json", 1234567890123456789};
    return description;
}

TEST(Description, IsDecodedAsItWasEncoded) {
    EXPECT_EQ(decode(encode(a_description())).value_or(Description{}), a_description());
    EXPECT_EQ(decode(encode({})).value_or(a_description()), Description{});
}

TEST(Description, CutOrLengthenedIsRefused) {
    const auto whole = encode(a_description());
    for (std::size_t size = 0; size < whole.size(); ++size) {
        EXPECT_FALSE(decode(whole.substr(0, size))) << size;
    }
    EXPECT_FALSE(decode(whole + '\0'));
}

TEST(Description, OfAnyBytesIsTakenOrNotButHurtsNobody) {
    std::mt19937 random(4711);  // NOLINT: the same each time
    const auto whole = encode(a_description());
    for (int round = 0; round < 20000; ++round) {
        auto bytes = whole;
        for (auto changes = 1 + random() % 8; changes > 0; --changes) {
            bytes[random() % bytes.size()] = static_cast<char>(random());
        }
        static_cast<void>(decode(bytes));
    }
}

TEST(DescriptionFromOci, SeesWhatNeedsLockedMemoryAmongDevicesAndMounts) {
    const auto needs = [](const std::string& rest) {
        const auto read =
            description_from_oci(R"({"process": {"args": ["a", "--", "b"], "cwd": "/"})" + rest + "}");
        EXPECT_TRUE(read) << rest;
        return read && read->needs_locked_memory;
    };
    EXPECT_FALSE(needs(""));
    EXPECT_FALSE(
        needs(R"(, "mounts": [{"destination": "/proc"}], "linux": {"devices": [{"path": "/dev/fuse"}]})"));
    EXPECT_TRUE(needs(R"(, "mounts": [{"destination": "/dev/infiniband/uverbs0"}])"));
    EXPECT_TRUE(needs(R"(, "linux": {"devices": [{"path": "/dev/cxi0"}]})"));
}

TEST(DescriptionFromOci, TakesWhatConcernsAProcess) {
    const auto read = description_from_oci(R"({
        "process": {"args": ["/run/podman-init", "--", "/entry", "a b", "@"], "cwd": "/srv",
                    "env": ["PATH=/bin", "X="], "noNewPrivileges": true,
                    "capabilities": {"bounding": ["CAP_CHOWN", "CAP_KILL", "CAP_OF_THE_FUTURE"], "effective": []}},
        "linux": {"seccomp": {"defaultAction": "SCMP_ACT_ERRNO", "defaultErrnoRet": 38,
                              "architectures": ["SCMP_ARCH_X86_64"],
                              "syscalls": [{"names": ["read", "no_such_call"], "action": "SCMP_ACT_ALLOW"}]}}})");
    ASSERT_TRUE(read) << read.error().message;
    EXPECT_EQ(read->entry, (std::vector<std::string>{"/entry", "a b", "@"}));
    EXPECT_EQ(read->environment, (std::vector<std::string>{"PATH=/bin", "X="}));
    EXPECT_EQ(read->workdir, "/srv");
    EXPECT_TRUE(read->no_new_privileges);
    EXPECT_EQ(read->capabilities.bounding, (1U << 0U) | (1U << 5U));
    EXPECT_EQ(read->capabilities.effective, 0U);
    EXPECT_GT(read->seccomp.size(), 0U);
    EXPECT_EQ(read->seccomp.size() % sizeof(sock_filter), 0U);
}

TEST(DescriptionFromOci, HasAsEntryWhatPodmanPutsBeforeTheWord) {
    const auto entry = [](const std::string& arguments) {
        return description_from_oci(R"({"process": {"args": )" + arguments + "}}").value().entry;
    };
    using Words = std::vector<std::string>;
    EXPECT_EQ(entry(R"(["init", "--", "a", "--", "@"])"), (Words{"a", "--", "@"}));
    EXPECT_EQ(entry(R"(["init", "--"])"), Words{});
    EXPECT_EQ(entry(R"(["init", "a"])"), Words{"a"});
    EXPECT_EQ(entry("[]"), Words{});
}

TEST(DescriptionFromOci, IsRefusedWhereItIsNone) {
    for (const char* text :
         {"", "{", "[]", "{}", R"({"process": 1})", R"({"process": {"env": 1}})",
          R"({"process": {"args": [1]}})", R"({"process": {}, "linux": {"seccomp": 1}})"}) {
        const auto refused = description_from_oci(text);
        ASSERT_FALSE(refused) << text;
        EXPECT_EQ(refused.error().status, Status::ours);
    }
}

}  // namespace
}  // namespace mpi_podman
