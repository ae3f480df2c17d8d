#include "record/rank_record.hpp"
#include "sys/whole_json.hpp"

#include <algorithm>
#include <map>
#include <nlohmann/json.hpp>

namespace mpi_podman {
namespace {

using nlohmann::json;

constexpr int format = 1;
constexpr std::array<const char*, moments_in_all> names_of_moments{"started",  "asked_podman", "inside",
                                                                   "executed", "connected",    "ended"};

json to_json(const std::vector<Decision>& decisions) {
    auto list = json::array();
    for (const auto& [what, why] : decisions) {
        list.push_back({what, why});
    }
    return list;
}

std::vector<Decision> decisions_from(const json& list) {
    std::vector<Decision> decisions;
    for (const auto& decision : list) {
        decisions.push_back({decision.at(0).get<std::string>(), decision.at(1).get<std::string>()});
    }
    return decisions;
}

json to_json(const Moments& moments) {
    auto object = json::object();
    for (std::size_t i = 0; i < moments_in_all; ++i) {
        if (const auto& at = moments[static_cast<Moment>(i)]) {
            object[names_of_moments.at(i)] = *at;
        }
    }
    return object;
}

Moments moments_from(const json& object) {
    Moments moments;
    for (std::size_t i = 0; i < moments_in_all; ++i) {
        if (const auto found = object.find(names_of_moments.at(i)); found != object.end()) {
            moments[static_cast<Moment>(i)] = found->get<double>();
        }
    }
    return moments;
}

json to_json(const RankRecord& record) {
    json object{{"node", record.node},
                {"job", record.job},
                {"launcher", record.launcher},
                {"image", record.image},
                {"command", record.command},
                {"rank", record.rank},
                {"size", record.size},
                {"wrapper", record.wrapper},
                {"container", record.container},
                {"pmi", record.pmi},
                {"moments", to_json(record.moments)},
                {"mounts", to_json(record.mounts)},
                {"devices", to_json(record.devices)},
                {"variables",
                 {{"passed", to_json(record.passed)},
                  {"set", to_json(record.set)},
                  {"kept_out", to_json(record.kept_out)}}},
                {"error", record.error}};
    if (record.ending) {
        object["ending"] = {{"status", record.ending->status}, {"signal", record.ending->signal}};
    }
    if (record.usage) {
        object["usage"] = {{"peak_kb", record.usage->peak_kb},
                           {"user", record.usage->user},
                           {"system", record.usage->system}};
    }
    return object;
}

RankRecord record_from_json(const json& object) {
    RankRecord record;
    object.at("node").get_to(record.node);
    object.at("job").get_to(record.job);
    object.at("launcher").get_to(record.launcher);
    object.at("image").get_to(record.image);
    object.at("command").get_to(record.command);
    record.rank = whole<decltype(record.rank)>(object.at("rank"));
    record.size = whole<decltype(record.size)>(object.at("size"));
    record.wrapper = whole<std::int64_t>(object.at("wrapper"));
    object.at("container").get_to(record.container);
    object.at("pmi").get_to(record.pmi);
    object.at("error").get_to(record.error);
    record.moments = moments_from(object.at("moments"));
    record.mounts = decisions_from(object.at("mounts"));
    record.devices = decisions_from(object.at("devices"));
    const auto& variables = object.at("variables");
    record.passed = decisions_from(variables.at("passed"));
    record.set = decisions_from(variables.at("set"));
    record.kept_out = decisions_from(variables.at("kept_out"));
    if (const auto ending = object.find("ending"); ending != object.end()) {
        record.ending = Ending{whole<int>(ending->at("status")), whole<int>(ending->at("signal"))};
    }
    if (const auto usage = object.find("usage"); usage != object.end()) {
        record.usage = Usage{whole<std::uint64_t>(usage->at("peak_kb")), usage->at("user").get<double>(),
                             usage->at("system").get<double>()};
    }
    return record;
}

tl::unexpected<Error> no_record(const json::exception& error) {
    return failure(Status::ours, std::string("this is no report of mpi-podman's: ") + error.what(),
                   "name another file, or remove it");
}

/// Bytes that are not UTF-8 become U+FFFD: JSON holds no others.
std::string text_of(const json& value, int indent) {
    return value.dump(indent, ' ', false, json::error_handler_t::replace);
}

}  // namespace

std::string line_of(const RankRecord& record) { return text_of(to_json(record), -1); }

Result<RankRecord> record_from(std::string_view line) {
    try {
        return record_from_json(json::parse(line));
    } catch (const json::exception& error) {
        return no_record(error);
    }
}

std::vector<RankRecord> merged(const std::vector<RankRecord>& records, const std::vector<RankRecord>& more) {
    std::map<std::uint32_t, const RankRecord*> by_rank;
    for (const auto* each : {&records, &more}) {
        for (const auto& record : *each) {
            const auto [known, is_new] = by_rank.try_emplace(record.rank, &record);
            if (!is_new && record.moments[Moment::started] >= known->second->moments[Moment::started]) {
                known->second = &record;
            }
        }
    }
    std::vector<RankRecord> ranks;
    ranks.reserve(by_rank.size());
    for (const auto& [rank, record] : by_rank) {
        ranks.push_back(*record);
    }
    return ranks;
}

std::string json_of(const std::vector<RankRecord>& ranks) {
    auto list = json::array();
    for (const auto& rank : ranks) {
        list.push_back(to_json(rank));
    }
    return text_of({{"format", format}, {"ranks", std::move(list)}}, 1) + "\n";
}

Result<std::vector<RankRecord>> ranks_from(std::string_view text) {
    try {
        std::vector<RankRecord> ranks;
        const auto report = json::parse(text);
        for (const auto& rank : report.at("ranks")) {
            ranks.push_back(record_from_json(rank));
        }
        return ranks;
    } catch (const json::exception& error) {
        return no_record(error);
    }
}

}  // namespace mpi_podman
