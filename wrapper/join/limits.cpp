#include "join/limits.hpp"

#include <algorithm>
#include <array>
#include <charconv>
#include <optional>
#include <string_view>

namespace mpi_podman {
namespace {

struct Name {
    std::string_view name;
    int which;
};

constexpr std::array names{
    Name{"as", RLIMIT_AS},           Name{"core", RLIMIT_CORE},         Name{"cpu", RLIMIT_CPU},
    Name{"data", RLIMIT_DATA},       Name{"fsize", RLIMIT_FSIZE},       Name{"locks", RLIMIT_LOCKS},
    Name{"memlock", RLIMIT_MEMLOCK}, Name{"msgqueue", RLIMIT_MSGQUEUE}, Name{"nice", RLIMIT_NICE},
    Name{"nofile", RLIMIT_NOFILE},   Name{"nproc", RLIMIT_NPROC},       Name{"rss", RLIMIT_RSS},
    Name{"rtprio", RLIMIT_RTPRIO},   Name{"rttime", RLIMIT_RTTIME},     Name{"sigpending", RLIMIT_SIGPENDING},
    Name{"stack", RLIMIT_STACK}};

std::optional<rlim_t> value_of(std::string_view text) {
    rlim_t value = 0;
    const auto read = std::from_chars(text.data(), text.data() + text.size(), value);
    if (text == "-1") {
        return RLIM_INFINITY;
    }
    return !text.empty() && read.ec == std::errc{} && read.ptr == text.data() + text.size()
               ? std::optional(value)
               : std::nullopt;
}

std::optional<ResourceLimit> limit_of(std::string_view typed) {
    const auto equals = std::min(typed.find('='), typed.size());
    const auto* const known = std::find_if(
        names.begin(), names.end(), [&](const Name& row) { return row.name == typed.substr(0, equals); });
    const auto values = typed.substr(std::min(equals + 1, typed.size()));
    const auto colon = values.find(':');
    const auto soft = value_of(values.substr(0, colon));
    const auto hard = colon == std::string_view::npos ? soft : value_of(values.substr(colon + 1));
    if (known == names.end() || !soft || !hard || *soft > *hard) {
        return std::nullopt;
    }
    return ResourceLimit{known->which, *soft, *hard};
}

}  // namespace

Result<std::vector<ResourceLimit>> resource_limits(const std::vector<std::string>& typed) {
    std::vector<ResourceLimit> limits;
    for (const auto& text : typed) {
        if (text == "host") {
            continue;
        }
        const auto limit = limit_of(text);
        if (!limit) {
            return failure(Status::usage, "--ulimit " + text + " is no limit",
                           "write NAME=SOFT[:HARD] with numbers, -1 for none, as in --ulimit core=0:-1");
        }
        limits.push_back(*limit);
    }
    return limits;
}

}  // namespace mpi_podman
