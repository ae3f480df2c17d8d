#include "cli/choices.hpp"

#include <algorithm>
#include <array>
#include <charconv>
#include <cstdint>
#include <iterator>
#include <map>
#include <optional>
#include <string_view>

#include "sys/text.hpp"

namespace mpi_podman {
namespace {

template <typename Value>
struct Word {
    std::string_view word;
    Value value;
};
template <typename Value>
Word(const char*, Value) -> Word<Value>;

constexpr std::array env_host_words{Word{"all", EnvHost::all}, Word{"launcher", EnvHost::launcher},
                                    Word{"filtered", EnvHost::filtered}};
constexpr std::array pull_words{Word{"missing", Pull::missing}, Word{"always", Pull::always},
                                Word{"never", Pull::never}, Word{"newer", Pull::newer}};
constexpr std::array pid_words{Word{"auto", std::optional<PidMode>()},
                               Word{"host", std::optional(PidMode::host)},
                               Word{"private", std::optional(PidMode::private_)}};
constexpr std::array pmi_words{Word{"auto", PmiChoice::automatic}, Word{"none", PmiChoice::none},
                               Word{"pmi1", PmiChoice::pmi1}, Word{"pmi2", PmiChoice::pmi2},
                               Word{"pmix", PmiChoice::pmix}};
constexpr std::array mpi_words{Word{"image", MpiFrom::image}, Word{"host", MpiFrom::host}};
constexpr std::array check_words{Word{"text", CheckAs::text}, Word{"json", CheckAs::json},
                                 Word{"node", CheckAs::node}};
constexpr std::array distribute_words{
    Word{"text", DistributeAs::text}, Word{"node", DistributeAs::node}, Word{"send", DistributeAs::send},
    Word{"receive", DistributeAs::receive}, Word{"finish", DistributeAs::finish}};
constexpr std::array abi_words{Word{"none", AbiCheck::none}, Word{"major", AbiCheck::major},
                               Word{"full", AbiCheck::full}, Word{"strict", AbiCheck::strict}};

constexpr std::array gpu_words{Word{"auto", GpuChoice::automatic}, Word{"none", GpuChoice::none},
                               Word{"all", GpuChoice::all}};
constexpr std::array fabric_words{Word{"auto", true}, Word{"none", false}};

template <typename Value, std::size_t N>
std::vector<std::string> all_of(const std::array<Word<Value>, N>& words) {
    std::vector<std::string> all;
    std::transform(words.begin(), words.end(), std::back_inserter(all),
                   [](const auto& word) { return std::string(word.word); });
    return all;
}

template <typename Value, std::size_t N>
Result<Value> choose(const char* option, const std::string& typed, const std::array<Word<Value>, N>& words) {
    for (const auto& [word, value] : words) {
        if (word == typed) {
            return value;
        }
    }
    return failure(Status::usage, std::string(option) + "=" + typed + ": no such choice",
                   "use one of: " + joined(all_of(words)));
}

/// A container that waits for a day has been forgotten.
Result<std::uint32_t> seconds_to_linger(const std::string& typed) {
    constexpr std::uint32_t most = 24 * 60 * 60;
    std::uint32_t seconds = 0;
    const auto* end = typed.data() + typed.size();
    const auto read = std::from_chars(typed.data(), end, seconds);
    if (read.ec != std::errc{} || read.ptr != end || seconds > most) {
        return failure(Status::usage, "--linger=" + typed + ": not a number of seconds",
                       "use a whole number from 0 to " + std::to_string(most));
    }
    return seconds;
}

/// auto, none, all, or a number from 1.
Result<GpusAsked> gpus_asked(const std::string& typed) {
    std::uint32_t count = 0;
    const auto* end = typed.data() + typed.size();
    const auto read = std::from_chars(typed.data(), end, count);
    if (read.ec == std::errc{} && read.ptr == end && count > 0) {
        return GpusAsked{GpuChoice::some, count};
    }
    const auto which = choose("--gpus", typed, gpu_words);
    if (!which) {
        return failure(Status::usage, which.error().message, which.error().hint + ", or a number from 1");
    }
    return GpusAsked{*which, 0};
}

/// image, host, or host:NAME.
Result<void> store_mpi(const std::string& typed, Options& options) {
    constexpr std::string_view named = "host:";
    const bool is_named = typed.size() > named.size() && typed.starts_with(named);
    options.mpi_name = is_named ? typed.substr(named.size()) : std::string{};
    return choose("--mpi", is_named ? "host" : typed, mpi_words).map([&](MpiFrom mpi) { options.mpi = mpi; });
}

}  // namespace

std::vector<std::string> choices_of(const std::string& option) {
    const std::map<std::string, std::vector<std::string>> choices{
        {"env-host", all_of(env_host_words)}, {"pull", all_of(pull_words)},
        {"pid", all_of(pid_words)},           {"pmi", all_of(pmi_words)},
        {"mpi", all_of(mpi_words)},           {"abi", all_of(abi_words)},
        {"check", all_of(check_words)},       {"gpus", all_of(gpu_words)},
        {"fabric", all_of(fabric_words)},     {"log-level", {log_levels.begin(), log_levels.end()}}};
    const auto found = choices.find(option);
    return found == choices.end() ? std::vector<std::string>{} : found->second;
}

Result<void> store_choices(const Choices& typed, Options& options) {
    const auto store = [](auto result, auto& into) -> Result<void> {
        if (!result) {
            return failure(result.error());
        }
        into = *result;
        return {};
    };
    return store(choose("--env-host", typed.env_host, env_host_words), options.env_host)
        .and_then([&] { return store(choose("--pull", typed.pull, pull_words), options.pull); })
        .and_then([&] { return store(choose("--pid", typed.pid, pid_words), options.pid); })
        .and_then([&] { return store(choose("--pmi", typed.pmi, pmi_words), options.pmi); })
        .and_then([&] { return store_mpi(typed.mpi, options); })
        .and_then([&] { return store(choose("--abi", typed.abi, abi_words), options.abi); })
        .and_then([&] { return store(gpus_asked(typed.gpus), options.gpus); })
        .and_then([&] { return store(choose("--fabric", typed.fabric, fabric_words), options.fabric); })
        .and_then([&] { return store(choose("--check", typed.check, check_words), options.check_as); })
        .and_then([&] {
            return store(choose("--distribute", typed.distribute, distribute_words), options.distribute_as);
        })
        .and_then([&] { return store(seconds_to_linger(typed.linger), options.linger); });
}

std::string to_string(const GpusAsked& gpus) {
    const auto* row = std::ranges::find(gpu_words, gpus.which, &Word<GpuChoice>::value);
    return row == gpu_words.end() ? std::to_string(gpus.count) : std::string(row->word);
}

std::string to_string(Pull pull) {
    const auto* row =
        std::find_if(pull_words.begin(), pull_words.end(), [&](const auto& w) { return w.value == pull; });
    return std::string(row->word);
}

}  // namespace mpi_podman
