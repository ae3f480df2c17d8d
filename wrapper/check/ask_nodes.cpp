#include "check/ask_nodes.hpp"

#include <filesystem>

#include "inspect/command.hpp"
#include "nodes/on_node.hpp"

namespace mpi_podman {

std::vector<NodeFacts> ask_nodes(const std::vector<std::string>& names, const CheckQuestion& question) {
    std::error_code ignored;
    const Here here{question.host.hostname, std::filesystem::read_symlink("/proc/self/exe", ignored).string(),
                    question.host.cwd};
    const auto words = words_for_a_node(question);
    const auto replies =
        ask_each(names, [&](const std::string& name) { return command_on(name, words, here); });
    std::vector<NodeFacts> facts;
    for (std::size_t i = 0; i < names.size(); ++i) {
        facts.push_back(facts_by_reply(names[i], replies[i]));
    }
    return facts;
}

std::vector<std::string> words_for_a_node(const CheckQuestion& question) {
    std::vector<std::string> words{"--check=node"};
    for (const auto& option : question.typed) {
        if (option.name != "check" && option.name != "hostfile") {
            words.push_back(word_of(option));
        }
    }
    words.insert(words.end(), {"--", question.options.image});
    words.insert(words.end(), question.options.command.begin(), question.options.command.end());
    return words;
}

NodeFacts facts_by_reply(const std::string& name, const Reply& reply) {
    NodeFacts facts;
    if (auto said = node_facts_from(last_line(reply.out))) {
        facts = std::move(*said);
    } else {
        facts.problems.push_back(problem_of(reply));
    }
    facts.node = name;
    return facts;
}

}  // namespace mpi_podman
