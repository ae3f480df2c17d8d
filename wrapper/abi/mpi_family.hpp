/// The families of MPI by the names of their libraries, and what the names promise.
///
/// Sources: Open MPI's documentation, "ABI compatibility"; the MPICH ABI Compatibility Initiative
/// (mpich.org/abi); MPI 5.0, chapter 20 (the standard ABI).
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "abi/library.hpp"

namespace mpi_podman {

enum class MpiFamily : std::uint8_t { none, open_mpi, mpich, standard_abi };
std::string_view name_of(MpiFamily family);

/// What a library of an MPI is for.
enum class MpiBinding : std::uint8_t { c, cxx, fortran, java, standard_abi };
std::string_view name_of(MpiBinding binding);

struct MpiName {
    MpiFamily family = MpiFamily::none;
    MpiBinding binding = MpiBinding::c;
    bool operator==(const MpiName&) const = default;
};

/// What a SONAME says. Nothing where it is no library of an MPI. libmpi.so.12 is MPICH's: Open MPI 1.10,
/// which had that name too, is told apart by its symbols.
std::optional<MpiName> mpi_name(std::string_view soname);

/// The name that all of the MPICH ABI Initiative share: libmpi.so.12 for Debian's libmpich.so.12. Others are
/// as they are.
std::string shared_name(std::string_view soname);

/// The series an ABI version is of, as a beginning of the release: "4.1" of Open MPI for 40.30.4; empty where
/// it is not known.
std::string release_series(MpiFamily family, const AbiVersion& version);

}  // namespace mpi_podman
