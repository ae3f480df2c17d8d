#include "check/this_node.hpp"

#include <sys/statvfs.h>

#include <charconv>
#include <sstream>

#include "check/json.hpp"
#include "inspect/command.hpp"
#include "sys/fd.hpp"

namespace mpi_podman {
namespace {

using namespace std::chrono_literals;
constexpr auto quick = 10s;

std::vector<std::string> fields_of(const std::string& line) {
    std::vector<std::string> fields;
    std::istringstream in(line);
    for (std::string field; std::getline(in, field, ':');) {
        fields.push_back(field);
    }
    return fields;
}

/// As /etc/passwd has it, else as the session says: getpwuid(3) would load libraries into a static program.
std::string user_name(const Environment& environment, unsigned uid) {
    std::istringstream lines(read_file("/etc/passwd").value_or(""));
    for (std::string line; std::getline(lines, line);) {
        const auto fields = fields_of(line);
        if (fields.size() > 2 && fields[2] == std::to_string(uid)) {
            return fields[0];
        }
    }
    return std::string(lookup(environment, "USER").value_or(""));
}

/// The last number of each line of getsubids(1): "0: mpi 100000 65536".
std::uint64_t ids_said(const std::string& said) {
    std::uint64_t all = 0;
    std::istringstream lines(said);
    for (std::string line; std::getline(lines, line);) {
        const auto number = line.substr(line.rfind(' ') + 1);
        std::uint64_t count = 0;
        std::from_chars(number.data(), number.data() + number.size(), count);
        all += count;
    }
    return all;
}

/// Of the file; where that has none of the user's, of whatever nsswitch.conf(5) names for subid.
std::uint64_t ids_of(const std::string& file, const std::vector<std::string>& words, const std::string& user,
                     unsigned uid) {
    const auto count = ids_in(read_file(file).value_or(""), user, uid);
    const auto names = read_file("/etc/nsswitch.conf").value_or("");
    if (count > 0 || names.find("subid:") == std::string::npos) {
        return count;
    }
    const auto answer = ask(words, quick);
    return answer && answer->status == 0 ? ids_said(answer->out) : 0;
}

/// podman's version as it says it: "podman version 4.3.1".
void add_podman(const Options& options, NodeFacts& facts) {
    const auto answer = ask({options.podman, "--version"}, quick);
    if (answer && answer->status == 0) {
        const auto line = last_line(answer->out);
        facts.podman = line.substr(line.rfind(' ') + 1);
    }
}

void add_ids(const CheckQuestion& question, NodeFacts& facts) {
    const auto user = user_name(question.environment, question.host.uid);
    facts.subuids = ids_of("/etc/subuid", {"getsubids", user}, user, question.host.uid);
    facts.subgids = ids_of("/etc/subgid", {"getsubids", "-g", user}, user, question.host.uid);
    if (question.host.uid != 0 && (facts.subuids == 0 || facts.subgids == 0)) {
        facts.problems.push_back(
            "the user has no range in /etc/subuid and /etc/subgid there; as root: usermod "
            "--add-subuids 100000-165535 --add-subgids 100000-165535 " +
            user);
    }
}

/// Open MPI's and PRRTE's choice (TMPDIR, else /tmp); an Open MPI job has at least 4 MiB a rank in it.
void add_session_directory(const Environment& environment, NodeFacts& facts) {
    constexpr std::uint64_t least = std::uint64_t{16} << 20U;
    facts.session_directory = std::string(lookup(environment, "TMPDIR").value_or("/tmp"));
    struct statvfs info {};
    if (::statvfs(facts.session_directory.c_str(), &info) != 0) {
        facts.problems.push_back(facts.session_directory +
                                 ", for the launcher's session directory, is not there: " + errno_text());
        return;
    }
    facts.session_space = static_cast<std::uint64_t>(info.f_bavail) * info.f_frsize;
    if (facts.session_space < least) {
        facts.problems.push_back(
            facts.session_directory +
            ", for the launcher's session directory, is full: make room there, or set TMPDIR");
    }
}

void add_report(const CheckReport& report, NodeFacts& facts) {
    facts.image_id = report.image_id;
    for (const auto& mpi : report.on_host.mpis) {
        if (mpi.found_by_loader) {
            facts.host_mpis.push_back(describe(mpi));
        }
    }
    if (report.recommended) {
        const auto& best = report.strategies.at(*report.recommended);
        facts.strategy = word_of(best.verdict.strategy);
        facts.outcome = word_of(best.verdict.outcome);
        facts.command_line = best.command_line;
        return;
    }
    for (const auto& strategy : report.strategies) {
        const auto& first = strategy.verdict.reasons.front();
        facts.problems.push_back(std::string(name_of(strategy.verdict.strategy)) + ": " + first.what +
                                 (first.why.empty() ? "" : ": " + first.why));
    }
}

}  // namespace

std::uint64_t ids_in(std::string_view text, const std::string& user, unsigned uid) {
    std::uint64_t all = 0;
    std::istringstream lines{std::string(text)};
    for (std::string line; std::getline(lines, line);) {
        const auto fields = fields_of(line);
        if (fields.size() == 3 && (fields[0] == user || fields[0] == std::to_string(uid))) {
            std::uint64_t count = 0;
            std::from_chars(fields[2].data(), fields[2].data() + fields[2].size(), count);
            all += count;
        }
    }
    return all;
}

NodeFacts facts_of_this_node(const CheckQuestion& question) {
    NodeFacts facts;
    facts.node = question.host.hostname;
    facts.version = version_number();
    add_podman(question.options, facts);
    add_ids(question, facts);
    add_session_directory(question.environment, facts);
    if (const auto report = gather(question)) {
        add_report(*report, facts);
    } else {
        facts.problems.push_back(report.error().message + "; " + report.error().hint);
    }
    return facts;
}

}  // namespace mpi_podman
