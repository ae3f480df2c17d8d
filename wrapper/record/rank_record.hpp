/// What --report tells of one rank, and of a job. Pure.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "launcher/environment.hpp"
#include "plan/plan.hpp"
#include "record/moments.hpp"
#include "sys/process.hpp"
#include "sys/result.hpp"

namespace mpi_podman {

/// A decision: what of the host the rank sees, or what of the environment, and why.
struct Decision {
    std::string what, why;
    bool operator==(const Decision&) const = default;
};

struct RankRecord {
    std::string node, job, launcher, image, command;
    std::uint32_t rank = 0, size = 1;
    std::int64_t wrapper = 0;  ///< its pid
    std::string container;     ///< whose it is, in words
    std::string pmi;           ///< how the rank reaches the launcher, and why so
    Moments moments;
    std::vector<Decision> mounts, devices, passed, set, kept_out;  ///< the last three: variables, by name
    std::optional<Ending> ending;  ///< nothing where the wrapper was killed before its rank
    std::string error;             ///< of mpi-podman's own, where the rank never ran
    std::optional<Usage> usage;
    bool operator==(const RankRecord&) const = default;
};

/// All that the plan decided. No variable's value: a report is for others to read.
RankRecord record_of(const Plan& plan, const Options& options, const LauncherContext& context,
                     const Environment& environment);

/// A line of JSON, and back. What is none fails.
std::string line_of(const RankRecord& record);
Result<RankRecord> record_from(std::string_view line);

/// A job's ranks by number; of two records of one rank that of the later start stays.
std::vector<RankRecord> merged(const std::vector<RankRecord>& records, const std::vector<RankRecord>& more);

/// The whole as JSON with a newline: {"format":1, "ranks":[...]}; its keys only ever become more, as long as
/// "format" is the same. And back; what is none fails.
std::string json_of(const std::vector<RankRecord>& ranks);
Result<std::vector<RankRecord>> ranks_from(std::string_view text);

}  // namespace mpi_podman
