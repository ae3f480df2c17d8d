/// A CheckReport for scripts. Pure.
#pragma once

#include <string>
#include <string_view>

#include "check/report.hpp"

namespace mpi_podman {

/// The words that stand for these in all JSON: "bridge", "caveat".
std::string_view word_of(Strategy strategy);
std::string_view word_of(Outcome outcome);

/// One JSON object and a newline. Its keys only ever become more, as long as "format" is the same.
std::string json_of(const CheckReport& report);

}  // namespace mpi_podman
