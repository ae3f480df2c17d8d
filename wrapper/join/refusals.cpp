#include "join/refusals.hpp"

#include <linux/audit.h>
#include <linux/filter.h>
#include <linux/seccomp.h>
#include <sys/ioctl.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#include <array>
#include <cerrno>
#include <cstddef>
#include <cstdint>

#include "join/call_table.hpp"

namespace mpi_podman {
namespace {

/// From here on are x32's numbers (seccomp(2)).
constexpr std::uint32_t x32 = 0x40000000;

/// ioctl(2) has the same requests, in the same place, by other numbers for each ABI that the machine runs.
struct Ioctl {
    std::uint32_t architecture, number;
};
#if defined(__x86_64__)
constexpr std::array ioctls{Ioctl{AUDIT_ARCH_X86_64, 16}, Ioctl{AUDIT_ARCH_X86_64, x32 | 514},
                            Ioctl{AUDIT_ARCH_I386, 54}};
#elif defined(__aarch64__)
constexpr std::array ioctls{Ioctl{AUDIT_ARCH_AARCH64, 29}, Ioctl{AUDIT_ARCH_ARM, 54}};
#else
constexpr std::array<Ioctl, 0> ioctls{};
#endif

}  // namespace

std::string refuse_to_type() {
    std::string program;
    constexpr std::uint32_t lower = __BYTE_ORDER__ == __ORDER_BIG_ENDIAN__ ? 4 : 0;
    for (const auto& [architecture, number] : ioctls) {
        const std::array<sock_filter, 8> part{
            {BPF_STMT(BPF_LD | BPF_W | BPF_ABS, offsetof(seccomp_data, arch)),
             BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, architecture, 0, 6),
             BPF_STMT(BPF_LD | BPF_W | BPF_ABS, offsetof(seccomp_data, nr)),
             BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, number, 0, 4),
             BPF_STMT(BPF_LD | BPF_W | BPF_ABS, offsetof(seccomp_data, args[1]) + lower),
             BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, TIOCSTI, 1, 0),
             BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, TIOCLINUX, 0, 1),
             BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_ERRNO | EPERM)}};
        program += bytes_of(part);
    }
    return program;
}

bool runs_x32() {
#if defined(__x86_64__)
    const pid_t asking = ::vfork();  // NOLINT(clang-analyzer-security.insecureAPI.vfork)
    if (asking == 0) {
        ::_exit(::syscall(x32 | SYS_getppid) < 0 ? 1 : 0);  // NOLINT(clang-analyzer-unix.Vfork)
    }
    int status = 0;
    return asking < 0 || ::waitpid(asking, &status, 0) != asking || status == 0;
#else
    return false;
#endif
}

std::string refuse_x32() {
    const std::array<sock_filter, 6> part{{BPF_STMT(BPF_LD | BPF_W | BPF_ABS, offsetof(seccomp_data, arch)),
                                           BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, AUDIT_ARCH_X86_64, 0, 4),
                                           BPF_STMT(BPF_LD | BPF_W | BPF_ABS, offsetof(seccomp_data, nr)),
                                           BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, UINT32_MAX, 2, 0),
                                           BPF_JUMP(BPF_JMP | BPF_JGE | BPF_K, x32, 0, 1),
                                           BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_ERRNO | ENOSYS)}};
    return bytes_of(part);
}

}  // namespace mpi_podman
