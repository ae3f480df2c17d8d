#include "join/confine.hpp"

#include <fcntl.h>
#include <linux/capability.h>
#include <linux/filter.h>
#include <linux/seccomp.h>
#include <sys/prctl.h>
#include <sys/syscall.h>
#include <unistd.h>

#include <array>
#include <cerrno>

namespace mpi_podman {
namespace {

/// Asks for the profile at the next exec (apparmor(7), "exec PROFILE" into attr/exec).
bool set_apparmor(const std::string& profile) noexcept {
    if (profile.empty() || profile == "unconfined") {
        return true;
    }
    const int file = ::open("/proc/thread-self/attr/exec", O_WRONLY | O_CLOEXEC);
    std::array<char, 512> words{'e', 'x', 'e', 'c', ' '};
    if (file < 0 || profile.size() + 6 > words.size()) {
        return false;
    }
    profile.copy(words.data() + 5, profile.size());
    const auto size = static_cast<ssize_t>(5 + profile.size());
    const bool done = ::write(file, words.data(), static_cast<std::size_t>(size)) == size;
    ::close(file);
    return done;
}

bool bound(std::uint64_t allowed) noexcept {
    for (unsigned long capability = 0; capability <= CAP_LAST_CAP; ++capability) {
        const bool keep = ((allowed >> capability) & 1U) != 0;
        // EINVAL: a capability that this kernel does not have.
        if (!keep && ::prctl(PR_CAPBSET_DROP, capability, 0, 0, 0) != 0 && errno != EINVAL) {
            return false;
        }
    }
    return true;
}

bool set_capabilities(const Capabilities& sets) noexcept {
    __user_cap_header_struct header{_LINUX_CAPABILITY_VERSION_3, 0};
    std::array<__user_cap_data_struct, 2> halves{};
    const auto low = [](std::uint64_t set) { return static_cast<std::uint32_t>(set & 0xFFFFFFFFU); };
    const auto high = [](std::uint64_t set) { return static_cast<std::uint32_t>(set >> 32U); };
    halves[0] = {low(sets.effective), low(sets.permitted), low(sets.inheritable)};
    halves[1] = {high(sets.effective), high(sets.permitted), high(sets.inheritable)};
    if (::syscall(SYS_capset, &header, halves.data()) != 0) {
        return false;
    }
    for (unsigned long capability = 0; capability <= CAP_LAST_CAP; ++capability) {
        if (((sets.ambient >> capability) & 1U) != 0 &&
            ::prctl(PR_CAP_AMBIENT, PR_CAP_AMBIENT_RAISE, capability, 0, 0) != 0) {
            return false;
        }
    }
    return true;
}

bool filter_calls(const std::string& program) noexcept {
    if (program.empty()) {
        return true;
    }
    // The kernel copies the program; it only has no const in its interface.
    auto* first = reinterpret_cast<sock_filter*>(const_cast<char*>(program.data()));  // NOLINT
    const sock_fprog filter{static_cast<unsigned short>(program.size() / sizeof(sock_filter)), first};
    return ::prctl(PR_SET_SECCOMP, SECCOMP_MODE_FILTER, &filter, 0, 0) == 0;
}

}  // namespace

bool confine(const Description& description) noexcept {
    // The order is the kernel's (seccomp(2)): a filter without no_new_privs needs CAP_SYS_ADMIN, so it comes
    // before the capabilities go; with no_new_privs it comes last, so that it need not allow what we call
    // here.
    const bool plain = !description.no_new_privileges;
    return set_apparmor(description.apparmor) && bound(description.capabilities.bounding) &&
           (!plain || filter_calls(description.seccomp)) && set_capabilities(description.capabilities) &&
           (plain || (::prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) == 0 && filter_calls(description.seccomp)));
}

bool give_up_capabilities() noexcept { return set_capabilities({}); }

}  // namespace mpi_podman
