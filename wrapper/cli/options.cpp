#include "cli/options.hpp"

#include <boost/program_options/variables_map.hpp>
#include <sstream>

#include "cli/choices.hpp"
#include "cli/option_table.hpp"
#include "cli/settings.hpp"
#include "cli/validate.hpp"

namespace mpi_podman {
namespace {

namespace po = boost::program_options;

/// An option as typed: --name, --name=value, -n, -nvalue or -n=value.
struct Typed {
    const OptionRow* row;  ///< nullptr: there is no such option
    std::optional<std::string> value;
};

Typed split(const std::string& word) {
    const bool is_long = word.starts_with("--");
    const auto equals = is_long ? word.find('=') : 2;
    Typed typed{is_long ? option_row(word.substr(2, equals - 2)) : option_row(word[1]), {}};
    if (equals < word.size()) {
        typed.value = word.substr(equals + (word[equals] == '=' ? 1 : 0));
    }
    return typed;
}

/// Takes the options in front of IMAGE and returns where that stands. As with podman, the word behind an
/// option that needs a value is that value, also one that is empty or begins with '-': Boost's parser refuses
/// both. A switch takes yes or no behind '=', to undo what a file says.
Result<std::size_t> take_options(const std::vector<std::string>& argv, std::vector<Setting>& taken) {
    std::size_t at = 0;
    while (at < argv.size() && argv[at].size() > 1 && argv[at].front() == '-' && argv[at] != "--") {
        const auto& word = argv[at++];
        auto [row, value] = split(word);
        if (row == nullptr) {
            return failure(Status::usage, "unknown option " + word.substr(0, word.find('=')),
                           "see mpi-podman --help; options of podman's own go through --podman-arg");
        }
        if (!value && needs_value(*row) && at < argv.size()) {
            value = argv[at++];
        }
        if (value ? !takes_value(*row) : needs_value(*row)) {
            return failure(Status::usage,
                           std::string("--") + row->name + (value ? " takes no value" : " needs a value"),
                           "see mpi-podman --help");
        }
        taken.push_back({row->name, value, ""});
    }
    return at;
}

Action action_of(const po::variables_map& given) {
    for (const auto& [name, action] : {std::pair{"help", Action::help},
                                       {"version", Action::version},
                                       {"config", Action::config},
                                       {"stop", Action::stop},
                                       {"check", Action::check},
                                       {"distribute", Action::distribute},
                                       {"dry-run", Action::dry_run}}) {
        if (given.count(name) != 0) {
            return action;
        }
    }
    return Action::run;
}

/// Cuts IMAGE and the rank's command off `argv` and stores them.
void store_command(const std::vector<std::string>& argv, std::size_t image, Options& options) {
    image += image < argv.size() && argv[image] == "--" ? 1 : 0;
    if (image < argv.size()) {
        options.image = argv[image];
        options.command.assign(argv.begin() + static_cast<std::ptrdiff_t>(image) + 1, argv.end());
    }
}

/// What is done without an image, and whatever the options are.
bool needs_nothing_else(Action action) {
    return action == Action::help || action == Action::version || action == Action::config;
}

constexpr const char* usage = "mpi-podman [options] IMAGE [COMMAND [ARG...]]";

}  // namespace

Result<Options> parse_options(const std::vector<std::string>& argv, const Configured& configured) {
    std::vector<Setting> typed;
    const auto image = take_options(argv, typed);
    if (!image) {
        return failure(image.error());
    }
    Options options;
    Choices choices;
    const auto given = in_rising_order(configured, typed).and_then([&](const std::vector<Setting>& rising) {
        return store(effective(rising), options, choices);
    });
    if (!given) {
        return failure(given.error());
    }
    options.action = action_of(*given);
    if (needs_nothing_else(options.action)) {
        return options;
    }
    store_command(argv, *image, options);
    if (options.action == Action::stop && !options.image.empty()) {
        return failure(Status::usage, "--stop ends all your lingering containers and takes no IMAGE",
                       "use it alone: mpi-podman --stop");
    }
    if (options.image.empty() && options.action != Action::stop) {
        return failure(Status::usage, "no IMAGE given", std::string("use it as: ") + usage);
    }
    while (options.mpi_prefix.size() > 1 && options.mpi_prefix.ends_with('/')) {
        options.mpi_prefix.pop_back();
    }
    return store_choices(choices, options).and_then([&] { return validate(options); }).map([&] {
        return options;
    });
}

std::vector<Setting> typed_options(const std::vector<std::string>& argv) {
    std::vector<Setting> typed;
    static_cast<void>(take_options(argv, typed));
    return typed;
}

std::string word_of(const Setting& option) {
    return "--" + option.name + (option.value ? "=" + *option.value : "");
}

std::string help_text() {
    Options options;
    Choices choices;
    std::ostringstream text;
    text << "Usage: " << usage
         << "\n\nRuns one MPI rank in a rootless Podman container; mpirun, mpiexec or srun "
         << "starts one per slot:\n\n    mpirun --hostfile hf mpi-podman IMAGE ./ring\n\n"
         << boost_options(options, choices)
         << "\nExit status: the rank's own; 125 where mpi-podman or podman failed, 126 where the command "
            "cannot be run,"
            "\n127 where it was not found, 2 for a wrong command line. Of --check: 0 where it can run, else "
            "1.\nOf --distribute: 0 where all nodes have it in the end, else 1.\n";
    return text.str();
}

std::string version_number() { return MPI_PODMAN_VERSION; }
std::string version_text() { return "mpi-podman " MPI_PODMAN_VERSION "\n"; }

}  // namespace mpi_podman
