// What the program that a profile becomes does to a process: it is set in a child.
#include "join/seccomp.hpp"

#include <gtest/gtest.h>
#include <linux/audit.h>
#include <linux/filter.h>
#include <linux/seccomp.h>
#include <seccomp.h>
#include <sys/ioctl.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cerrno>
#include <functional>
#include <map>
#include <nlohmann/json.hpp>

#include "sys/fd.hpp"
#include "unit/join/filter.hpp"

namespace mpi_podman {
namespace {

constexpr auto profile =
    R"({"defaultAction": "SCMP_ACT_ALLOW", "architectures": ["SCMP_ARCH_X86_64", "SCMP_ARCH_X86"],
                             "syscalls": [{"names": ["getpgid"], "action": "SCMP_ACT_ERRNO", "errnoRet": 95}]})";

/// The errno with which `call` fails under the profile; 0: it does not.
int errno_of(const std::function<long()>& call) {
    const auto program = compile_seccomp(profile).value();
    const pid_t child = ::fork();
    if (child == 0) {
        auto code = program;
        const sock_fprog filter{static_cast<unsigned short>(code.size() / sizeof(sock_filter)),
                                reinterpret_cast<sock_filter*>(code.data())};  // NOLINT: as in confine.cpp
        const bool set = ::prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) == 0 &&
                         ::prctl(PR_SET_SECCOMP, SECCOMP_MODE_FILTER, &filter, 0, 0) == 0;
        ::_exit(!set ? 255 : call() < 0 ? errno : 0);
    }
    int status = 0;
    ::waitpid(child, &status, 0);
    return WEXITSTATUS(status);
}

TEST(Seccomp, DoesWhatTheProfileSays) {
    EXPECT_EQ(errno_of([] { return ::syscall(SYS_getpgid, 0); }), EOPNOTSUPP);
    EXPECT_EQ(errno_of([] { return ::syscall(SYS_getppid); }), 0);
}

TEST(Seccomp, LetsNobodyTypeIntoATerminal) {
    for (const unsigned long request : {TIOCSTI, TIOCLINUX}) {
        char letter = 'x';
        EXPECT_EQ(errno_of([&] { return ::syscall(SYS_ioctl, -1, request, &letter); }), EPERM);
        // The kernel does not look at the upper half, so neither may a filter (CVE-2019-10063).
        EXPECT_EQ(errno_of([&] { return ::syscall(SYS_ioctl, -1, request | 0x100000000UL, &letter); }),
                  EPERM);
    }
}

TEST(Seccomp, LeavesAllElseThatATerminalIsAskedFor) {
    winsize size{};
    EXPECT_EQ(errno_of([&] { return ::syscall(SYS_ioctl, -1, TIOCGWINSZ, &size); }), EBADF);
}

TEST(Seccomp, IsRefusedWhereANumberIsNone) {
    EXPECT_FALSE(compile_seccomp(R"({"defaultAction": "SCMP_ACT_ERRNO", "defaultErrnoRet": 1e300})"));
    EXPECT_FALSE(compile_seccomp(R"({"defaultAction": "SCMP_ACT_ALLOW", "syscalls": [
        {"names": ["getpgid"], "action": "SCMP_ACT_ERRNO", "errnoRet": -0.5}]})"));
}

/// What podman's own profile has: a long list, conditions, calls that i386 has behind one number, names that
/// only some architectures or no machine knows, a name twice.
constexpr auto long_profile = R"({
    "defaultAction": "SCMP_ACT_ERRNO", "defaultErrnoRet": 38,
    "architectures": ["SCMP_ARCH_X86_64", "SCMP_ARCH_X86", "SCMP_ARCH_X32"],
    "syscalls": [
        {"names": ["read", "write", "open", "close", "stat", "fstat", "mmap", "mprotect", "brk", "ioctl", "access",
                   "pipe", "select", "dup", "getpid", "exit", "exit_group", "wait4", "kill", "uname", "shmat",
                   "shmget", "semop", "openat2", "clone3", "futex", "futex_time64", "waitpid", "_llseek", "bind",
                   "listen", "accept4", "recvmsg", "rseq", "getppid", "no_such_call", "io_uring_enter"],
         "action": "SCMP_ACT_ALLOW"},
        {"names": ["mount", "umount2", "bpf", "getppid"], "action": "SCMP_ACT_ERRNO", "errnoRet": 1},
        {"names": ["ptrace"], "action": "SCMP_ACT_KILL_PROCESS"},
        {"names": ["personality"], "action": "SCMP_ACT_ALLOW", "args": [{"index": 0, "value": 8, "op": "SCMP_CMP_EQ"}]},
        {"names": ["clone"], "action": "SCMP_ACT_ALLOW",
         "args": [{"index": 0, "value": 2114060288, "valueTwo": 0, "op": "SCMP_CMP_MASKED_EQ"}]},
        {"names": ["socket"], "action": "SCMP_ACT_ERRNO", "errnoRet": 22,
         "args": [{"index": 0, "value": 16, "op": "SCMP_CMP_EQ"}, {"index": 2, "value": 9, "op": "SCMP_CMP_EQ"}]},
        {"names": ["socket"], "action": "SCMP_ACT_ALLOW", "args": [{"index": 2, "value": 9, "op": "SCMP_CMP_NE"}]}
    ]})";

constexpr int x32 = 0x40000000;

bool kernel_has_x32() { return ::syscall(x32 | SYS_getppid) >= 0; }

/// The long profile, put together by libseccomp alone; the names are those that it has.
std::string by_libseccomp() {
    const std::map<std::string, std::uint32_t> actions{{"SCMP_ACT_ALLOW", SCMP_ACT_ALLOW},
                                                       {"SCMP_ACT_KILL_PROCESS", SCMP_ACT_KILL_PROCESS}};
    const std::map<std::string, scmp_compare> comparisons{{"SCMP_CMP_EQ", SCMP_CMP_EQ},
                                                          {"SCMP_CMP_NE", SCMP_CMP_NE},
                                                          {"SCMP_CMP_MASKED_EQ", SCMP_CMP_MASKED_EQ}};
    auto* const filter = ::seccomp_init(SCMP_ACT_ERRNO(38));
    for (const auto architecture : {SCMP_ARCH_X86, SCMP_ARCH_X32}) {
        ::seccomp_arch_add(filter, architecture);
    }
    const auto parsed = nlohmann::json::parse(long_profile);
    for (const auto& rule : parsed["syscalls"]) {
        std::vector<scmp_arg_cmp> conditions;
        const auto arguments = rule.value("args", nlohmann::json::array());
        for (const auto& argument : arguments) {
            conditions.push_back({argument["index"], comparisons.at(argument["op"]), argument["value"],
                                  argument.value("valueTwo", scmp_datum_t{0})});
        }
        for (const std::string call : rule["names"]) {
            const auto action = rule["action"] == "SCMP_ACT_ERRNO"
                                    ? SCMP_ACT_ERRNO(rule["errnoRet"].get<int>())
                                    : actions.at(rule["action"]);
            ::seccomp_rule_add_array(filter, action, ::seccomp_syscall_resolve_name(call.c_str()),
                                     static_cast<unsigned>(conditions.size()), conditions.data());
        }
    }
    const Fd memory(::memfd_create("expected", 0));
    EXPECT_EQ(::seccomp_export_bpf(filter, memory.get()), 0);
    ::seccomp_release(filter);
    return read_file("/proc/self/fd/" + std::to_string(memory.get())).value();
}

TEST(Seccomp, SaysOfEachCallWhatLibseccompAloneWould) {
    const auto expected = by_libseccomp();
    const auto program = compile_seccomp(long_profile).value();
    for (const std::uint32_t architecture :
         {0U + AUDIT_ARCH_X86_64, 0U + AUDIT_ARCH_I386, 0U + AUDIT_ARCH_AARCH64}) {
        for (int number = -1; number < 600; ++number) {
            for (const int abi : {0, x32}) {
                for (const std::uint64_t argument : {0UL, 8UL, 9UL, 16UL, 0x7e020000UL, 0x100000008UL}) {
                    const seccomp_data call{number | abi, architecture, 0, {argument, 0, argument ^ 25}};
                    const bool is_x32 =
                        architecture == AUDIT_ARCH_X86_64 && (call.nr & x32) != 0 && call.nr != -1;
                    ASSERT_EQ(result_of(program, call), is_x32 && !kernel_has_x32()
                                                            ? SCMP_ACT_ERRNO(ENOSYS)
                                                            : result_of(expected, call))
                        << number << " of " << architecture << ", " << abi << ", " << argument;
                }
            }
        }
    }
}

/// What has no number on an architecture, send(2) there, comes first of what is left to libseccomp.
TEST(Seccomp, HoldsItsConditionsWhereTheFirstCallIsNotThere) {
    const auto program = compile_seccomp(R"({
        "defaultAction": "SCMP_ACT_ALLOW", "architectures": ["SCMP_ARCH_X86_64", "SCMP_ARCH_AARCH64"],
        "syscalls": [
            {"names": ["socket", "send", "recv", "ptrace"], "action": "SCMP_ACT_ERRNO", "errnoRet": 3},
            {"names": ["clone"], "action": "SCMP_ACT_ERRNO", "errnoRet": 4,
             "args": [{"index": 0, "value": 268435456, "valueTwo": 268435456, "op": "SCMP_CMP_MASKED_EQ"}]},
            {"names": ["personality"], "action": "SCMP_ACT_ERRNO", "errnoRet": 5,
             "args": [{"index": 0, "value": 131072, "op": "SCMP_CMP_EQ"}]}]})")
                             .value();
    struct Row {
        std::uint32_t architecture;
        int personality, getpid;
    };
    for (const auto& row : {Row{AUDIT_ARCH_X86_64, 135, 39}, Row{AUDIT_ARCH_AARCH64, 92, 172}}) {
        const auto of = [&](int number, std::uint64_t argument) {
            return result_of(program, {number, row.architecture, 0, {argument}});
        };
        EXPECT_EQ(of(row.personality, 131072), SCMP_ACT_ERRNO(5)) << row.architecture;
        EXPECT_EQ(of(row.personality, 0), SCMP_ACT_ALLOW) << row.architecture;
        EXPECT_EQ(of(row.getpid, 0), SCMP_ACT_ALLOW) << row.architecture;
    }
}

}  // namespace
}  // namespace mpi_podman
