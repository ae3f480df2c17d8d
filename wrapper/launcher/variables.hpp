/// Reading single variables of a launcher: parsed strictly, with failures that name the variable and its
/// value.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "launcher/environment.hpp"
#include "sys/result.hpp"

namespace mpi_podman {

/// How a variable tells a number.
enum class Reading : std::uint8_t {
    number,       ///< decimal digits
    list_length,  ///< comma-separated numbers: how many there are (SLURM_GTIDS, the ranks on this node)
};

/// A variable that tells a number.
struct NumberSource {
    std::string_view name;
    Reading reading = Reading::number;
};

/// A number and the variable it was told in, for messages.
struct ToldNumber {
    std::uint32_t value = 0;
    std::string_view name;
};

/// The number that all those of `sources` that are set agree on; nothing where none is set.
/// Fails where one is no number that MPI has (MPI_Comm_size(3): an int from 0), or two disagree.
Result<std::optional<ToldNumber>> agreed_number(const Environment& environment,
                                                const std::vector<NumberSource>& sources);

/// An absolute path without "..", "." and doubled or trailing slashes (Slurm writes "/spool/pmix.1.0//x").
/// Fails on a relative one and on "..": it is mounted as it stands, so it must mean what it says.
Result<std::string> absolute_path(std::string_view name, std::string_view value);

/// The failure that says which variable holds what, and what is wrong with that.
tl::unexpected<Error> absurd(std::string_view name, std::string_view value, std::string_view what);

/// Whether `name` is `pattern`, in which one '*' stands for any text.
bool matches(std::string_view pattern, std::string_view name);

}  // namespace mpi_podman
