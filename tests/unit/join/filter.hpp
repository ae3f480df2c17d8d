// A seccomp filter, run here.
#pragma once

#include <gtest/gtest.h>
#include <linux/filter.h>
#include <linux/seccomp.h>

#include <cstdint>
#include <cstring>
#include <string>
#include <vector>

namespace mpi_podman {

/// What the kernel would do: what a program returns for one call. Only the steps that filters are made of.
inline std::uint32_t result_of(const std::string& program, const seccomp_data& call) {
    const std::vector<sock_filter> steps = [&] {
        std::vector<sock_filter> all(program.size() / sizeof(sock_filter));
        std::memcpy(all.data(), program.data(), program.size());
        return all;
    }();
    std::uint32_t a = 0;
    for (std::size_t at = 0; at < steps.size(); ++at) {
        const auto [code, if_true, if_not, k] = steps[at];
        const auto jump = [&, yes = if_true, no = if_not](bool condition) { at += condition ? yes : no; };
        switch (code) {
            case BPF_LD | BPF_W | BPF_ABS:
                std::memcpy(&a, reinterpret_cast<const char*>(&call) + k, sizeof a);  // NOLINT: as the kernel
                break;
            case BPF_ALU | BPF_AND | BPF_K: a &= k; break;
            case BPF_JMP | BPF_JA: at += k; break;
            case BPF_JMP | BPF_JEQ | BPF_K: jump(a == k); break;
            case BPF_JMP | BPF_JGE | BPF_K: jump(a >= k); break;
            case BPF_JMP | BPF_JGT | BPF_K: jump(a > k); break;
            case BPF_RET | BPF_K: return k;
            default: ADD_FAILURE() << "step " << code; return 0;
        }
    }
    ADD_FAILURE() << "no end";
    return 0;
}

}  // namespace mpi_podman
