#include "cli/configured.hpp"

#include <algorithm>
#include <boost/program_options.hpp>
#include <filesystem>
#include <iterator>
#include <string_view>

#include "cli/config_file.hpp"
#include "cli/option_table.hpp"
#include "cli/settings.hpp"
#include "cli/trusted_file.hpp"

namespace mpi_podman {
namespace {

namespace po = boost::program_options;

/// "NAME" of "mpi NAME", where `kind` is "mpi"; empty where it is no such section.
std::string name_in(const std::string& section, std::string_view kind) {
    const auto beginning = std::string(kind) + " ";
    const auto name = section.starts_with(beginning) ? section.substr(beginning.size()) : std::string{};
    const bool good = std::ranges::all_of(name, [](unsigned char c) {
        return std::isalnum(c) != 0 || c == '.' || c == '_' || c == '-' || c == '+';
    });
    return good ? name : std::string{};
}

Result<bool> yes_or_no(const ConfigLine& line) {
    boost::any value;
    try {
        po::validate(value, std::vector{line.value}, static_cast<bool*>(nullptr), 0);
    } catch (const po::error&) {
        return wrong_at(line.where, line.key + " = " + line.value + ": say yes or no");
    }
    return boost::any_cast<bool>(value);
}

Result<std::string> directory_in(const ConfigLine& line) {
    auto prefix = line.value;
    while (prefix.size() > 1 && prefix.ends_with('/')) {
        prefix.pop_back();
    }
    if (!prefix.starts_with('/') || prefix == "/") {
        return wrong_at(line.where, "prefix = " + line.value + ": no directory an MPI is installed in");
    }
    return prefix;
}

/// Takes a file's lines one by one.
class Reading {
public:
    Result<void> take(const ConfigLine& line) {
        if (const auto name = name_in(line.section, "mpi"); !name.empty()) {
            return take_mpi(name, line);
        }
        const auto profile = name_in(line.section, "profile");
        if (profile.empty() && !line.section.empty()) {
            return wrong_at(
                line.where,
                "[" + line.section + "] is no section that is known: [profile NAME] and [mpi NAME] are");
        }
        auto& settings = profile.empty() ? found_.files : found_.profiles[profile];
        if (line.key.empty()) {
            return {};
        }
        return take_option(line, !profile.empty(), settings);
    }

    Result<Configured> finish() {
        for (std::size_t i = 0; i < found_.mpis.size(); ++i) {
            if (found_.mpis[i].prefix.empty()) {
                return wrong_at(begun_at_[i], "[mpi " + found_.mpis[i].name + "] has no prefix");
            }
        }
        return std::move(found_);
    }

private:
    static Result<void> take_option(const ConfigLine& line, bool in_profile, std::vector<Setting>& settings) {
        const Setting setting{line.key, line.value, line.where};
        const auto* row = option_row(line.key);
        if (row != nullptr && !is_repeatable(*row) &&
            std::ranges::find(settings, line.key, &Setting::name) != settings.end()) {
            return wrong_at(line.where, line.key + " is said already above");
        }
        if (in_profile && line.key == "profile") {
            return wrong_at(line.where, "a profile names no other");
        }
        if (const auto checked = check_setting(setting); !checked) {
            return wrong_at(line.where, checked.error().message + "; " + checked.error().hint);
        }
        settings.push_back(setting);
        return {};
    }

    Result<void> take_mpi(const std::string& name, const ConfigLine& line) {
        auto& mpi = mpi_called(name, line.where);
        if (line.key.empty()) {
            return {};
        }
        if (line.key == "prefix" && mpi.prefix.empty()) {
            return directory_in(line).map([&](const std::string& prefix) { mpi.prefix = prefix; });
        }
        if (line.key == "prefix") {
            return wrong_at(line.where, "[mpi " + name + "] has a prefix already");
        }
        if (line.key != "default") {
            return wrong_at(line.where, "'" + line.key + "' is no key of [mpi NAME]: prefix and default are");
        }
        const bool other = std::ranges::any_of(found_.mpis, &ConfiguredMpi::is_default);
        return yes_or_no(line).and_then([&](bool is_default) -> Result<void> {
            if (is_default && other) {
                return wrong_at(line.where, "there is a default already");
            }
            mpi.is_default = is_default;
            return {};
        });
    }

    ConfiguredMpi& mpi_called(const std::string& name, const std::string& where) {
        const auto found = std::ranges::find(found_.mpis, name, &ConfiguredMpi::name);
        if (found != found_.mpis.end()) {
            return *found;
        }
        begun_at_.push_back(where);
        return found_.mpis.emplace_back(ConfiguredMpi{name, "", false});
    }

    Configured found_;
    std::vector<std::string> begun_at_;  ///< where each MPI's section is, for what is missing in the end
};

void append(std::vector<Setting>& all, const std::vector<Setting>& more) {
    all.insert(all.end(), more.begin(), more.end());
}

Result<Configured> read_one(const std::string& file) {
    std::error_code ignored;
    if (file.empty() || !std::filesystem::exists(file, ignored)) {
        return Configured{};
    }
    return read_trusted(file).and_then([&](const std::string& text) { return parse_config(text, file); });
}

}  // namespace

Result<Configured> parse_config(const std::string& text, const std::string& file) {
    return config_lines(text, file).and_then([](const std::vector<ConfigLine>& lines) -> Result<Configured> {
        Reading reading;
        for (const auto& line : lines) {
            if (auto taken = reading.take(line); !taken) {
                return failure(taken.error());
            }
        }
        return reading.finish();
    });
}

Configured combined(Configured below, Configured above) {
    append(below.files, above.files);
    append(below.variables, above.variables);
    for (const auto& [name, settings] : above.profiles) {
        append(below.profiles[name], settings);
    }
    const bool new_default = std::ranges::any_of(above.mpis, &ConfiguredMpi::is_default);
    for (auto& mpi : below.mpis) {
        mpi.is_default = mpi.is_default && !new_default;
    }
    for (auto& mpi : above.mpis) {
        std::erase_if(below.mpis, [&](const ConfiguredMpi& other) { return other.name == mpi.name; });
        below.mpis.push_back(std::move(mpi));
    }
    return below;
}

Result<std::vector<Setting>> settings_of(const Lookup& variable) {
    std::vector<Setting> settings;
    for (const auto& row : option_rows()) {
        const auto name = variable_of(row);
        const auto value = row.configurable ? variable(name) : std::nullopt;
        if (!value) {
            continue;
        }
        const Setting setting{row.name, value, name};
        if (const auto checked = check_setting(setting); !checked) {
            return failure(Status::usage, name + ": " + checked.error().message, checked.error().hint);
        }
        settings.push_back(setting);
    }
    return settings;
}

std::string user_config_file(const Lookup& variable) {
    const auto base = variable("XDG_CONFIG_HOME").value_or("");
    const auto home = variable("HOME").value_or("");
    if (!base.starts_with('/') && !home.starts_with('/')) {
        return "";
    }
    return (base.starts_with('/') ? base : home + "/.config") + "/mpi-podman/config";
}

Result<Configured> read_configuration(const Lookup& variable) {
    return read_one(site_config_file).and_then([&](const Configured& of_site) {
        return read_one(user_config_file(variable)).and_then([&](const Configured& of_user) {
            return settings_of(variable).map([&](const std::vector<Setting>& of_variables) {
                auto all = combined(of_site, of_user);
                all.variables = of_variables;
                return all;
            });
        });
    });
}

}  // namespace mpi_podman
