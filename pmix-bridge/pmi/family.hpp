/// Which MPIs the ranks of one job on one node use. Those of two families exchange their addresses in two
/// ways: each would wait for ever for what the other's never say.
///
/// Each rank leaves a mark, then looks for the other family's: whoever does so later finds it, without a
/// lock.
#pragma once

#include <cstdint>
#include <string>

#include "sys/result.hpp"

namespace mpi_podman::pmi {

/// By what their ranks speak with their launcher.
enum class Family : std::uint8_t {
    pmix,  ///< Open MPI
    pmi,   ///< MPICH and its kin
};

/// What is known of it on this node, in the job's directory.
class Families {
public:
    explicit Families(std::string job_directory) : directory_(std::move(job_directory)) {}

    /// A rank whose image has an MPI of this family is about to start. It may be a program without MPI; so
    /// this fails only where ranks of the other family speak already.
    [[nodiscard]] Result<void> come(Family family, const std::string& image) const;
    /// A rank of this family speaks. Fails where an image of the other family has come.
    [[nodiscard]] Result<void> speak(Family family) const;

private:
    [[nodiscard]] std::string mark(const char* what, Family family) const;
    [[nodiscard]] Error mixed() const;

    std::string directory_;
};

}  // namespace mpi_podman::pmi
