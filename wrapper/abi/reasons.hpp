/// The parts of a verdict. Of the ABI room alone.
#pragma once

#include "abi/verdict.hpp"

namespace mpi_podman {

using Reasons = std::vector<Reason>;

/// Whether the command can be started at all, by what is the same with either MPI.
void judge_start(const Situation& situation, Reasons& reasons);
/// What the loader would say of these facts of a command.
void judge_closure(const RootFacts& image, const CommandFacts& command, Reasons& reasons);
/// The image's own MPI.
void judge_image(const Situation& situation, Reasons& reasons);
/// The host's in the image.
void judge_host(const Situation& situation, Reasons& reasons);
/// The host's libraries against the image's, whatever the command is.
void judge_placements(const Situation& situation, Reasons& reasons);

/// Why a release has no library of this name, where that is known; and so what to do.
void explain_missing_mpi(std::string_view soname, const MpiInstallation* instead, Reason& reason);

}  // namespace mpi_podman
