// What the program that a profile becomes does to a process: it is set in a child.
#include "join/seccomp.hpp"

#include <gtest/gtest.h>
#include <linux/filter.h>
#include <linux/seccomp.h>
#include <sys/ioctl.h>
#include <sys/prctl.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cerrno>
#include <functional>

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

}  // namespace
}  // namespace mpi_podman
