/// From what was given in several places to what it means together.
#pragma once

#include <boost/program_options/variables_map.hpp>
#include <string>
#include <vector>

#include "cli/choices.hpp"
#include "cli/configured.hpp"
#include "cli/options.hpp"
#include "sys/result.hpp"

namespace mpi_podman {

/// Whether a setting alone, of a file or a variable, names an option that these may set, and a value of it.
Result<void> check_setting(const Setting& setting);

/// All that counts, in rising order: the files', those of the profile that is chosen, the variables', and
/// what was typed. Fails where no such profile is known, and says which are.
Result<std::vector<Setting>> in_rising_order(const Configured& configured, const std::vector<Setting>& typed);

/// What remains of them where the last goes before all others, unless its option is one that adds up. What
/// was typed twice stays.
std::vector<Setting> effective(const std::vector<Setting>& rising);

/// Puts effective settings into `options` and `choices`. Returns what Boost made of them. Fails with
/// Status::usage where a value is none of its option's.
Result<boost::program_options::variables_map> store(const std::vector<Setting>& settings, Options& options,
                                                    Choices& choices);

}  // namespace mpi_podman
