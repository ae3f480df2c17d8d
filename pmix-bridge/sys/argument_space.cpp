#include "sys/argument_space.hpp"

#include <sys/resource.h>
#include <unistd.h>

#include <algorithm>

namespace mpi_podman {
namespace {

constexpr std::size_t kibibyte = 1024;

/// The kernel counts a pointer for each, too.
std::size_t space_of(const std::vector<std::string>& strings) {
    std::size_t bytes = 0;
    for (const auto& text : strings) {
        bytes += text.size() + 1 + sizeof(char*);
    }
    return bytes;
}

const std::string* longest_of(const std::vector<std::string>& strings) {
    const auto longest =
        std::max_element(strings.begin(), strings.end(),
                         [](const auto& one, const auto& other) { return one.size() < other.size(); });
    return longest != strings.end() && longest->size() + 1 > longest_word() ? &*longest : nullptr;
}

Error one_too_long(const std::string& program, const std::string& which, std::size_t bytes) {
    return {Status::ours,
            program + " cannot be started with " + which + " of " + std::to_string(bytes) + " bytes",
            "Linux takes " + std::to_string(longest_word() - 1) +
                " bytes in one variable, its name included, or in one argument: put the rest into a file"};
}

}  // namespace

std::size_t longest_word() noexcept {
    constexpr std::size_t pages = 32;
    return pages * static_cast<std::size_t>(::sysconf(_SC_PAGESIZE));
}

std::size_t argument_space(std::uint64_t stack) noexcept {
    constexpr std::size_t least = 128 * kibibyte;
    constexpr std::size_t most = 6 * kibibyte * kibibyte;
    return std::clamp(static_cast<std::size_t>(stack / 4), least, most);
}

std::size_t argument_space() noexcept {
    rlimit stack{};
    ::getrlimit(RLIMIT_STACK, &stack);
    return argument_space(std::uint64_t{stack.rlim_cur});
}

Error too_long(const std::string& program, const std::vector<std::string>& words,
               const std::vector<std::string>& variables, std::size_t space) {
    if (const auto* variable = longest_of(variables)) {
        return one_too_long(program, "the variable " + variable->substr(0, variable->find('=')),
                            variable->size());
    }
    if (const auto* word = longest_of(words)) {
        return one_too_long(program, "an argument", word->size());
    }
    return {Status::ours,
            program + " cannot be started with " + std::to_string(space_of(variables)) +
                " bytes of variables and " + std::to_string(space_of(words)) + " bytes of arguments",
            "Linux takes " + std::to_string(space) +
                " bytes in all, a quarter of the stack's limit: have fewer or shorter ones, or raise it: "
                "ulimit -s"};
}

}  // namespace mpi_podman
