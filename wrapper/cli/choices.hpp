/// Options that take one of a few words, or a number: from what was typed to what it means.
#pragma once

#include <array>
#include <string>
#include <string_view>
#include <vector>

#include "cli/options.hpp"
#include "sys/result.hpp"

namespace mpi_podman {

/// What was typed for each of them; without it, what stands for its default.
struct Choices {
    std::string env_host = "filtered", pull = "missing", pid = "auto", pmi = "auto", linger = "0",
                mpi = "image", abi = "major", check = "text", gpus = "auto", fabric = "auto",
                distribute = "text";
};

/// What --log-level takes, as spdlog names them.
inline constexpr std::array<std::string_view, 7> log_levels{"trace", "debug",    "info", "warn",
                                                            "error", "critical", "off"};

/// The words that an option takes; none where it takes others, or any.
std::vector<std::string> choices_of(const std::string& option);

/// Stores what they mean. Fails with Status::usage, and what can be typed, where one means nothing.
Result<void> store_choices(const Choices& typed, Options& options);

}  // namespace mpi_podman
