/// Keys and values of one rank in one piece, as they travel between bridges.
#pragma once

#include <string>
#include <string_view>

#include "pmi/job.hpp"

namespace mpi_podman::pmi {

/// Each key and each value with a closing NUL: PMI's are text.
std::string encode_values(const KeyValues& values);

/// The inverse. Fails where the piece does not end with a whole pair: who sent it is no bridge of ours.
Result<KeyValues> decode_values(std::string_view bytes);

}  // namespace mpi_podman::pmi
