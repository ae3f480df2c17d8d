/// A job's report as a page that opens without a network. Pure.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "record/rank_record.hpp"

namespace mpi_podman {

/// HTML with its style, its pictures, and the same again as JSON (json_of()) for scripts; no script of its
/// own.
std::string page_of(const std::vector<RankRecord>& ranks);

/// The ranks of such a page, or of json_of(). What is neither fails.
Result<std::vector<RankRecord>> ranks_of_report(std::string_view text);

}  // namespace mpi_podman
