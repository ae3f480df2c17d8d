#include "cli/settings.hpp"

#include <algorithm>
#include <boost/program_options.hpp>

#include "cli/option_table.hpp"
#include "cli/validate.hpp"
#include "sys/text.hpp"

namespace mpi_podman {
namespace {

namespace po = boost::program_options;

bool is_typed(const Setting& setting) { return setting.where.empty(); }

tl::unexpected<Error> no_such_profile(const Setting& asked, const Configured& configured) {
    std::vector<std::string> known;
    for (const auto& [name, settings] : configured.profiles) {
        known.push_back(name);
    }
    return failure(Status::usage,
                   (is_typed(asked) ? "" : asked.where + ": ") + "no profile '" + asked.value.value_or("") +
                       "' is configured on this node",
                   known.empty() ? std::string("none is: no configuration file has [profile NAME]")
                                 : "use one of: " + joined(known));
}

/// Boost's words. It would put a value that names its own place there into it for ever.
std::string words_of(po::error_with_option_name& error, const std::vector<Setting>& settings) {
    constexpr std::string_view place = "%value%";
    for (const auto& setting : settings) {
        if (setting.value && setting.value->find(place) != std::string::npos) {
            error.set_substitute("value", "...");
        }
    }
    return error.what();
}

/// --linger, and what it does not go with (cli/validate.cpp): a site's gives way to what a user types.
bool exclude_each_other(const Setting& one, const Setting& other) {
    const auto lingers = [](const Setting& setting) {
        return setting.name == "linger" && setting.value.value_or("0") != "0";
    };
    const auto forbids = [](const Setting& setting) {
        return (setting.name == "per-rank" && setting.value.value_or("yes") == "yes") ||
               (setting.name == "pid" && setting.value.value_or("") == "host");
    };
    return (lingers(one) && forbids(other)) || (forbids(one) && lingers(other));
}

}  // namespace

Result<void> check_setting(const Setting& setting) {
    const auto* row = option_row(setting.name);
    if (row == nullptr) {
        return failure(Status::usage, "'" + setting.name + "' is no option", "see mpi-podman --help");
    }
    if (!row->configurable) {
        return failure(Status::usage, "'" + setting.name + "' is for the command line alone",
                       "leave it out here");
    }
    Options options;
    Choices choices;
    return store({setting}, options, choices)
        .and_then([&](const auto&) { return store_choices(choices, options); })
        .and_then([&] { return validate_values(options); });
}

Result<std::vector<Setting>> in_rising_order(const Configured& configured,
                                             const std::vector<Setting>& typed) {
    std::vector<Setting> rising = configured.files;
    const Setting* profile = nullptr;
    for (const auto* settings : {&configured.files, &configured.variables, &typed}) {
        for (const auto& setting : *settings) {
            profile = setting.name == "profile" ? &setting : profile;
        }
    }
    if (profile != nullptr) {
        const auto found = configured.profiles.find(profile->value.value_or(""));
        if (found == configured.profiles.end()) {
            return no_such_profile(*profile, configured);
        }
        rising.insert(rising.end(), found->second.begin(), found->second.end());
    }
    rising.insert(rising.end(), configured.variables.begin(), configured.variables.end());
    rising.insert(rising.end(), typed.begin(), typed.end());
    return rising;
}

std::vector<Setting> effective(const std::vector<Setting>& rising) {
    std::vector<Setting> kept;
    for (auto setting = rising.begin(); setting != rising.end(); ++setting) {
        const auto* row = option_row(setting->name);
        const bool single = row == nullptr || !is_repeatable(*row);
        const bool replaced = !is_typed(*setting) && single &&
                              std::any_of(setting + 1, rising.end(), [&](const Setting& later) {
                                  return later.name == setting->name ||
                                         (is_typed(later) && exclude_each_other(*setting, later));
                              });
        if (!replaced) {
            kept.push_back(*setting);
        }
    }
    return kept;
}

Result<po::variables_map> store(const std::vector<Setting>& settings, Options& options, Choices& choices) {
    const auto table = boost_options(options, choices);
    po::parsed_options parsed(&table);
    for (const auto& setting : settings) {
        po::option option(setting.name, {});
        if (setting.value) {
            option.value.push_back(*setting.value);
        }
        parsed.options.push_back(option);
    }
    po::variables_map given;
    try {
        po::store(parsed, given);
        po::notify(given);
    } catch (po::error_with_option_name& error) {
        return failure(Status::usage, words_of(error, settings), "see mpi-podman --help");
    } catch (const po::error& error) {
        return failure(Status::usage, error.what(), "see mpi-podman --help");
    }
    return given;
}

}  // namespace mpi_podman
