/// How strictly two versions of one library are compared.
#pragma once

#include <cstdint>
#include <string_view>

#include "abi/library.hpp"

namespace mpi_podman {

/// The levels of the field's MPI hook (its MPI_COMPATIBILITY_TYPE), in the MPICH ABI's numbering: the second
/// number counts what was added. And `none`, with which nothing is refused: judged is as with major.
enum class AbiCheck : std::uint8_t {
    none,
    major,  ///< the first numbers are equal: the same SONAME
    full,  ///< and the host's second is there and not less than the image's; a lesser one goes with a warning
    strict,  ///< and the second numbers are there and equal
};
std::string_view name_of(AbiCheck check);

enum class AbiRelation : std::uint8_t { fits, older, differs };

/// Whether the host's library can stand for the image's.
AbiRelation compare_abi(const AbiVersion& host, const AbiVersion& image, AbiCheck check);

}  // namespace mpi_podman
