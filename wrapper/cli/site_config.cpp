#include "cli/site_config.hpp"

#include <algorithm>
#include <boost/program_options.hpp>
#include <filesystem>
#include <sstream>
#include <string_view>

#include "sys/fd.hpp"

namespace mpi_podman {
namespace {

namespace po = boost::program_options;

/// One line of the file, in its section.
struct Setting {
    std::string section, key, value;
    std::size_t line = 0;
};

struct Where {
    const std::string& file;
    [[nodiscard]] tl::unexpected<Error> wrong(std::size_t line, const std::string& what) const {
        return failure(Status::ours, file + ":" + std::to_string(line) + ": " + what,
                       "correct the file on this node; --mpi-prefix DIR does without it");
    }
};

std::string first_word_of(const std::string& line) {
    const auto begin = line.find_first_not_of(" \t\r");
    return begin == std::string::npos ? "" : line.substr(begin);
}

/// Boost tells no line numbers, so it gets each line with the section that is above it.
Result<std::vector<Setting>> settings_in(const std::string& text, const Where& where) {
    std::vector<Setting> settings;
    std::istringstream lines(text);
    std::string section;
    std::string line;
    for (std::size_t number = 1; std::getline(lines, line); ++number) {
        const bool begins_section = first_word_of(line).starts_with('[');
        std::istringstream one(begins_section ? line : section + "\n" + line);
        try {
            for (const auto& option : po::parse_config_file(one, po::options_description(), true).options) {
                const auto dot = option.string_key.rfind('.');
                const auto key = option.string_key.substr(dot == std::string::npos ? 0 : dot + 1);
                settings.push_back({dot == std::string::npos ? "" : option.string_key.substr(0, dot), key,
                                    option.value.empty() ? "" : option.value.front(), number});
            }
        } catch (const po::error&) {
            return where.wrong(number, "'" + first_word_of(line) + "' is neither [SECTION] nor KEY = VALUE");
        }
        section = begins_section ? line : section;
    }
    return settings;
}

/// "NAME" of "mpi NAME"; empty where it is no section of an MPI.
std::string name_in(const std::string& section) {
    constexpr std::string_view beginning = "mpi ";
    const auto name = section.starts_with(beginning) ? section.substr(beginning.size()) : std::string{};
    const bool good = std::ranges::all_of(name, [](unsigned char c) {
        return std::isalnum(c) != 0 || c == '.' || c == '_' || c == '-' || c == '+';
    });
    return good ? name : std::string{};
}

Result<bool> yes_or_no(const Setting& setting, const Where& where) {
    boost::any value;
    try {
        po::validate(value, std::vector{setting.value}, static_cast<bool*>(nullptr), 0);
    } catch (const po::error&) {
        return where.wrong(setting.line, "default = " + setting.value + ": say yes or no");
    }
    return boost::any_cast<bool>(value);
}

Result<std::string> directory_in(const Setting& setting, const Where& where) {
    auto prefix = setting.value;
    while (prefix.size() > 1 && prefix.ends_with('/')) {
        prefix.pop_back();
    }
    if (!prefix.starts_with('/') || prefix == "/") {
        return where.wrong(setting.line,
                           "prefix = " + setting.value + ": no directory an MPI is installed in");
    }
    return prefix;
}

/// Of each MPI, where it is begun, for what is missing in the end.
class Reading {
public:
    explicit Reading(const Where& where) : where_(where) {}

    Result<void> take(const Setting& setting) {
        const auto name = name_in(setting.section);
        if (name.empty()) {
            return where_.wrong(setting.line,
                                setting.section.empty()
                                    ? "'" + setting.key + "' is in no section: [mpi NAME] is to be above it"
                                    : "[" + setting.section + "] is no section that is known: [mpi NAME] is");
        }
        auto& mpi = mpi_called(name, setting.line);
        if (setting.key == "prefix" && mpi.prefix.empty()) {
            return directory_in(setting, where_).map([&](const std::string& prefix) { mpi.prefix = prefix; });
        }
        if (setting.key == "prefix") {
            return where_.wrong(setting.line, "[mpi " + name + "] has a prefix already");
        }
        if (setting.key != "default") {
            return where_.wrong(setting.line,
                                "'" + setting.key + "' is no key of [mpi NAME]: prefix and default are");
        }
        const bool other = std::ranges::any_of(config_.mpis, &ConfiguredMpi::is_default);
        return yes_or_no(setting, where_).and_then([&](bool is_default) -> Result<void> {
            if (is_default && other) {
                return where_.wrong(setting.line, "there is a default already");
            }
            mpi.is_default = is_default;
            return {};
        });
    }

    Result<SiteConfig> finish() {
        for (std::size_t i = 0; i < config_.mpis.size(); ++i) {
            if (config_.mpis[i].prefix.empty()) {
                return where_.wrong(lines_[i], "[mpi " + config_.mpis[i].name + "] has no prefix");
            }
        }
        return std::move(config_);
    }

private:
    ConfiguredMpi& mpi_called(const std::string& name, std::size_t line) {
        const auto found = std::ranges::find(config_.mpis, name, &ConfiguredMpi::name);
        if (found != config_.mpis.end()) {
            return *found;
        }
        lines_.push_back(line);
        return config_.mpis.emplace_back(ConfiguredMpi{name, "", false});
    }

    Where where_;
    SiteConfig config_;
    std::vector<std::size_t> lines_;
};

tl::unexpected<Error> unknown(const std::string& name, const SiteConfig& config) {
    std::string known;
    for (const auto& mpi : config.mpis) {
        known += (known.empty() ? "" : ", ") + mpi.name;
    }
    return failure(Status::usage, "--mpi=host:" + name + ": no MPI of that name is configured on this node",
                   known.empty() ? std::string("none is: ") + site_config_file + " has no [mpi NAME]"
                                 : "use one of: " + known + " (" + site_config_file + ")");
}

}  // namespace

Result<SiteConfig> parse_site_config(const std::string& text, const std::string& file) {
    const Where where{file};
    return settings_in(text, where).and_then([&](const std::vector<Setting>& settings) -> Result<SiteConfig> {
        Reading reading(where);
        for (const auto& setting : settings) {
            if (auto taken = reading.take(setting); !taken) {
                return failure(taken.error());
            }
        }
        return reading.finish();
    });
}

Result<Options> with_site_config(Options options, const SiteConfig& config) {
    const bool by_default = options.mpi_name.empty();
    const auto meant = std::ranges::find_if(config.mpis, [&](const ConfiguredMpi& mpi) {
        return by_default ? mpi.is_default : mpi.name == options.mpi_name;
    });
    if (options.mpi != MpiFrom::host || (by_default && !options.mpi_prefix.empty())) {
        return options;
    }
    if (meant == config.mpis.end()) {
        return by_default ? Result<Options>(std::move(options)) : unknown(options.mpi_name, config);
    }
    options.mpi_prefix = meant->prefix;
    return options;
}

Result<Options> with_site_config(const Options& options) {
    std::error_code ignored;
    const bool wanted = options.mpi == MpiFrom::host && options.mpi_prefix.empty();
    if (!wanted || !std::filesystem::exists(site_config_file, ignored)) {
        return with_site_config(options, SiteConfig{});
    }
    return read_file(site_config_file)
        .and_then([](const std::string& text) { return parse_site_config(text, site_config_file); })
        .and_then([&](const SiteConfig& config) { return with_site_config(options, config); });
}

}  // namespace mpi_podman
