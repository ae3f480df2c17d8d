#include "pmi/answers.hpp"

#include <algorithm>

namespace mpi_podman::pmi {
namespace {

std::string too_long(std::string_view what, std::size_t most) {
    return "the " + std::string(what) + " is longer than " + std::to_string(most);
}

}  // namespace

Message reply(std::string command) { return {std::move(command), {}}; }

Message done(std::string command) { return reply(std::move(command)).with("rc", "0"); }

Message found(const std::optional<std::string>& value) {
    auto answer = reply("").with("found", value ? "TRUE" : "FALSE");
    return (value ? answer.with("value", *value) : answer).with("rc", "0");
}

std::optional<std::string> mapping_for(Dialect dialect, const std::string& mapping) {
    constexpr std::string_view around = "cmd=get_result rc=0 msg=success value=\n";
    constexpr std::size_t longest_line = 1023;
    const auto room = dialect == Dialect::pmi2 ? max_value - 1 : longest_line - around.size();
    return mapping.size() > room ? std::nullopt : std::optional(mapping);
}

Message refusal(std::string command, Dialect dialect, std::string why) {
    if (dialect == Dialect::pmi2) {
        return reply(std::move(command)).with("rc", "1").with("errmsg", std::move(why));
    }
    // A blank would end the word, and so would what encode() makes one.
    std::replace_if(
        why.begin(), why.end(), [](unsigned char c) { return c <= ' '; }, '_');
    return reply(std::move(command)).with("rc", "-1").with("msg", std::move(why));
}

std::string why_not(std::string_view key, std::string_view value) {
    return key.empty()                ? "a key is missing"
           : key.size() > max_key     ? too_long("key", max_key)
           : value.size() > max_value ? too_long("value", max_value)
                                      : "";
}

std::string why_not_published(std::string_view name, std::string_view port) {
    return name.empty()              ? "a name is missing"
           : name.size() > max_name  ? too_long("name", max_name)
           : port.size() > max_value ? too_long("port", max_value)
                                     : "";
}

}  // namespace mpi_podman::pmi
