#include "check/check.hpp"

#include <unistd.h>

#include "check/ask_nodes.hpp"
#include "check/json.hpp"
#include "check/nodes_page.hpp"
#include "check/page.hpp"
#include "check/this_node.hpp"
#include "nodes/hostfile.hpp"
#include "sys/fd.hpp"
#include "sys/printable.hpp"

namespace mpi_podman {
namespace {

Result<int> say(const std::string& text, bool can) {
    if (!write_all(STDOUT_FILENO, text)) {
        return failure(Status::ours, "cannot write to stdout: " + errno_text(), "is its disk full?");
    }
    return can ? 0 : 1;
}

Result<int> check_here(const CheckQuestion& question) {
    return gather(question).and_then([&](const CheckReport& report) {
        const bool as_text = question.options.check_as == CheckAs::text;
        return say(as_text ? printable(page_of(report)) : json_of(report), report.recommended.has_value());
    });
}

Result<int> check_nodes(const CheckQuestion& question) {
    const auto& file = question.options.hostfile;
    return read_hostfile(file, question.host.cwd).and_then([&](const std::vector<std::string>& names) {
        const auto nodes = ask_nodes(names, question);
        const bool as_text = question.options.check_as == CheckAs::text;
        return say(as_text ? printable(page_of(nodes, file)) : json_of(nodes, file), all_can(nodes));
    });
}

}  // namespace

Result<int> check(const CheckQuestion& question) {
    if (question.context.rank.value_or(0) != 0) {
        return 0;
    }
    if (question.options.check_as == CheckAs::node) {
        const auto facts = facts_of_this_node(question);
        return say(line_of(facts), facts.problems.empty());
    }
    return question.options.hostfile.empty() ? check_here(question) : check_nodes(question);
}

}  // namespace mpi_podman
