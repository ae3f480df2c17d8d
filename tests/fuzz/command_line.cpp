/// The words of a command line, NUL behind each.
#include "cli/config_page.hpp"
#include "cli/options.hpp"
#include "fuzz/told.hpp"
#include "fuzz/words.hpp"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* bytes, std::size_t size) {
    using namespace mpi_podman;
    const auto words = fuzz::split(fuzz::text_of(bytes, size), '\0');
    const auto options = parse_options(words);
    fuzz::require_told(options);
    static_cast<void>(config_page({}, words, {}));
    if (!options) {
        fuzz::require(options.error().status == Status::usage, "what is typed wrong is no failure of ours");
        return 0;
    }
    // As mpi-podman repeats a command line on another node.
    std::vector<std::string> repeated;
    for (const auto& option : typed_options(words)) {
        repeated.push_back(word_of(option));
    }
    if (!options->image.empty()) {
        fuzz::require(words.size() > options->command.size(), "the command is of the words");
        repeated.insert(repeated.end(), {"--", options->image});
        repeated.insert(repeated.end(), options->command.begin(), options->command.end());
    }
    const auto again = parse_options(repeated);
    fuzz::require(again && *again == *options, "a command line can be repeated");
    return 0;
}
