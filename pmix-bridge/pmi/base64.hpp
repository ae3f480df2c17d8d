/// Bytes as text that PMI carries unchanged: base64 with the alphabet for URLs (RFC 4648, section 5),
/// unpadded.
#pragma once

#include <string>
#include <string_view>

#include "sys/result.hpp"

namespace mpi_podman::pmi {

std::string to_base64(std::string_view bytes);

/// Fails on any other letter, on a length that no bytes have, and on bits beyond the last byte.
Result<std::string> from_base64(std::string_view text);

}  // namespace mpi_podman::pmi
