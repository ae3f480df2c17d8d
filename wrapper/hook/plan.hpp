/// What the hook does to a container, decided from facts alone.
#pragma once

#include <string>
#include <vector>

#include "abi/verdict.hpp"
#include "hook/contract.hpp"
#include "hook/look.hpp"
#include "rootfs/rootfs.hpp"
#include "sys/result.hpp"

namespace mpi_podman {

/// A file or directory of the host at a place of the container's, made where nothing is there.
struct HookMount {
    std::string source, target;
    bool read_only = true;
    bool operator==(const HookMount&) const = default;
};

/// A symbolic link in the container, in place of one that is there.
struct HookLink {
    std::string path, target;
    bool operator==(const HookLink&) const = default;
};

struct HookPlan {
    std::vector<HookMount> mounts;
    std::vector<HookLink> links;
    std::vector<Reason> caveats;
    bool operator==(const HookPlan&) const = default;
};

/// Pure. Every library of the container that the host's stands for is replaced where it is; what has no
/// counterpart goes to /usr/lib. In the loader's directories each is found by every name of its chain; of a
/// library that stays beside it, "libX.so" still leads to that.
///
/// MPI_LIBS: a counterpart must pass the check, every one of them, and one of MPI_LIBS must have one; an MPI
/// of another family is no counterpart where there is one of the same. MPI_DEPENDENCY_LIBS: one that is newer
/// than the host's, or of another major version, stays, and the host's is added.
///
/// Fails where the contract says so, with every library that does not fit, and where a part of the C library
/// is among the dependencies: that works with its own loader only.
Result<HookPlan> plan_hook(const Contract& contract, const HookFacts& facts);

/// Whether the host's libmpi can be loaded in the container as the plan makes it: the loader's search done on
/// paper. Fails with what it would miss, the C library's version say, in the words of the verdict.
Result<void> prove(const HookPlan& plan, const HookFacts& facts, Rootfs container);

}  // namespace mpi_podman
