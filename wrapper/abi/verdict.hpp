/// Will it run, and how: decided from facts alone.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "abi/abi_check.hpp"
#include "abi/command_facts.hpp"
#include "abi/host_mpi.hpp"
#include "abi/placement.hpp"
#include "abi/root_facts.hpp"

namespace mpi_podman {

enum class Strategy : std::uint8_t {
    image,   ///< the image's MPI speaks to the launcher itself
    bridge,  ///< and where it cannot, a bridge does
    host,    ///< the host's MPI stands in the image's place
};
std::string_view name_of(Strategy strategy);

enum class Outcome : std::uint8_t { works, caveat, cannot };  ///< the worst of its reasons
std::string_view name_of(Outcome outcome);

struct Reason {
    Outcome outcome = Outcome::works;  ///< `works`: worth knowing, nothing is wrong
    std::string what, why, remedy;     ///< one line each; the latter two may be empty
    bool operator==(const Reason&) const = default;
};

struct Verdict {
    Strategy strategy = Strategy::image;
    Outcome outcome = Outcome::works;
    std::vector<Reason> reasons;  ///< every one, the worst first
    bool operator==(const Verdict&) const = default;
};

/// Facts that a verdict is about. What a strategy does not ask for may be left out.
struct Situation {
    const RootFacts* image = nullptr;        ///< always
    const CommandFacts* command = nullptr;   ///< of the image as it is; none: whatever will be run
    const HostMpi* host = nullptr;           ///< none: the host has no MPI
    std::vector<Library> counterparts = {};  ///< of `host` in the image
    LibcFrom libc = LibcFrom::image;
    AbiCheck check = AbiCheck::major;
    /// The same command with the host's MPI mounted (Rootfs::mount), where somebody looked: the proof.
    const CommandFacts* command_with_host = nullptr;
};

/// "Open MPI 4.1.4"
std::string describe(const MpiInstallation& mpi);
/// "glibc 2.36"
std::string describe_libc(LibcFamily libc, const std::string& release);

/// Adds a reason from elsewhere, in its place; the outcome follows.
void add_reason(Verdict& verdict, Reason reason);

Verdict judge(Strategy strategy, const Situation& situation);

/// Whether the host's library can stand for this one of the image; nothing where it can.
std::optional<Reason> judge_version(const Library& hosts, const Library& images, AbiCheck check);

}  // namespace mpi_podman
