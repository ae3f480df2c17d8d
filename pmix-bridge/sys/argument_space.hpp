/// How long words and variables may be: what execve(2) calls E2BIG, in words.
#pragma once

#include <cstddef>
#include <cstdint>
#include <string>
#include <vector>

#include "sys/result.hpp"

namespace mpi_podman {

/// The most that one word or one variable may have, its ending NUL included (execve(2), MAX_ARG_STRLEN: 32
/// pages).
std::size_t longest_word() noexcept;

/// What all words and variables of a program may have together: a quarter of the stack's soft limit, at least
/// 128 KiB, at most 6 MiB (execve(2), "Limits on size of arguments and environment").
std::size_t argument_space(std::uint64_t stack) noexcept;
/// By this process's own limit.
std::size_t argument_space() noexcept;

/// Why `program` could not be started with these words and variables ("NAME=VALUE") when exec(3) said E2BIG:
/// the one that is too long by itself, or else how much all of them are, where there is this much space. No
/// value is in it.
Error too_long(const std::string& program, const std::vector<std::string>& words,
               const std::vector<std::string>& variables, std::size_t space = argument_space());

}  // namespace mpi_podman
