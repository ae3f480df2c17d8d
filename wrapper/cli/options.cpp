#include "cli/options.hpp"

#include <boost/program_options.hpp>
#include <sstream>

#include "cli/choices.hpp"
#include "cli/validate.hpp"

namespace mpi_podman {
namespace {

namespace po = boost::program_options;

/// The one table of options: name, letter, where the value goes, its placeholder, its line of help.
po::options_description option_table(Options& options, Choices& choices) {
    using Strings = std::vector<std::string>;
    po::options_description table("Options", 100, 60);
    const auto list = [](Strings& into, const char* name) {
        return po::value<Strings>(&into)->value_name(name)->composing();
    };
    const auto text = [](std::string& into, const char* name) {
        return po::value<std::string>(&into)->value_name(name);
    };
    table.add_options()("volume,v", list(options.volumes, "SRC:DST[:OPT]"),
                        "mount a host path or volume, as in podman")(
        "env,e", list(options.environment, "NAME[=VALUE]"), "set, or pass on, a variable of the rank")(
        "unsetenv", list(options.unset, "NAME"), "keep a variable from the rank, the image's own too")(
        "env-host", text(choices.env_host, "WHICH")->implicit_value("all"),
        "which of your variables the rank gets: filtered (default: all but those that name places on the "
        "host), "
        "launcher (only the launcher's), all (podman's --env-host)")(
        "workdir,w", text(options.workdir, "DIR"), "working directory in the container")(
        "no-cwd", po::bool_switch(&options.no_cwd), "do not mount the current directory")(
        "device", list(options.devices, "DEVICE"), "add a host device")(
        "ulimit", list(options.ulimits, "NAME=SOFT[:HARD]"), "set a limit (default: as outside)")(
        "security-opt", list(options.security, "OPT"), "a security option of podman's")(
        "entrypoint", po::value<std::string>()->value_name("COMMAND"), "replace the image's ENTRYPOINT")(
        "pull", text(choices.pull, "POLICY"), "missing (default), always, never, newer; once per node")(
        "podman", text(options.podman, "PATH"), "the podman to use (default: from PATH)")(
        "podman-arg", list(options.podman_arguments, "ARG"), "one more argument for podman run; repeatable")(
        "per-rank", po::bool_switch(&options.per_rank),
        "a container for each rank, instead of one that the ranks of a node share")(
        "pid", text(choices.pid, "MODE"),
        "the container's pid linux namespace: private (default), or host (default with --per-rank)")(
        "linger", text(choices.linger, "SECONDS"),
        "keep the node's container so long for your next job with the same image and options")(
        "pmi", text(choices.pmi, "MODE"),
        "what the image's MPI speaks, if not what it is found to (auto): pmi1, pmi2, pmix; none: each rank "
        "is a "
        "program of its own, not one job")("mpi", text(choices.mpi, "WHOSE"),
                                           "the MPI to run with: image (default), or host: bound into it; "
                                           "host:NAME: one that the site configured")(
        "mpi-prefix", text(options.mpi_prefix, "DIR"),
        "with --mpi=host: where that is installed, if the host's loader does not find it")(
        "abi", text(choices.abi, "CHECK"),
        "with --mpi=host: how near its version must be to the image's: major (default), full, strict; "
        "none: refuse nothing")("dry-run", "print the podman command, start nothing")(
        "check", text(choices.check, "AS")->implicit_value("text"),
        "say what will run here, with which MPI, and how; start nothing: text (default), json")(
        "launcher", text(options.launcher, "COMMAND"),
        "with --check: the launcher to ask about, as 'srun --mpi=pmi2' (default: the one of PATH)")(
        "hostfile", text(options.hostfile, "FILE"), "with --check: ask each of its nodes, over ssh")(
        "stop", "end your containers that linger on this node")(
        "log-level", text(options.log_level, "LEVEL"), "trace, debug, info, warn, error, off (default)")(
        "log-file", text(options.log_file, "FILE"), "write the log there instead of to stderr")(
        "version", "print the version")("help", "print this help");
    return table;
}

/// An option as typed: --name, --name=value, -n, -nvalue or -n=value.
struct Typed {
    std::string name;  ///< as the table is asked for it: "volume" or "-v"
    std::optional<std::string> value;
};

Typed split(const std::string& word) {
    const bool is_long = word.starts_with("--");
    const auto equals = is_long ? word.find('=') : 2;
    Typed typed{is_long ? word.substr(2, equals - 2) : word.substr(0, 2), {}};
    if (equals < word.size()) {
        typed.value = word.substr(equals + (word[equals] == '=' ? 1 : 0));
    }
    return typed;
}

/// Takes the options in front of IMAGE and returns where that stands. As with podman, the word behind an
/// option that needs a value is that value, also one that is empty or begins with '-': Boost's parser refuses
/// both.
Result<std::size_t> take_options(const po::options_description& table, const std::vector<std::string>& argv,
                                 po::parsed_options& taken) {
    std::size_t at = 0;
    while (at < argv.size() && argv[at].size() > 1 && argv[at].front() == '-' && argv[at] != "--") {
        const auto& word = argv[at++];
        auto typed = split(word);
        const auto* known = table.find_nothrow(typed.name, false);
        if (known == nullptr) {
            return failure(Status::usage, "unknown option " + word.substr(0, word.find('=')),
                           "see mpi-podman --help; options of podman's own go through --podman-arg");
        }
        if (!typed.value && known->semantic()->min_tokens() > 0 && at < argv.size()) {
            typed.value = argv[at++];
        }
        const unsigned values = typed.value ? 1 : 0;
        if (values < known->semantic()->min_tokens() || values > known->semantic()->max_tokens()) {
            return failure(Status::usage,
                           "--" + known->long_name() + (values == 0 ? " needs a value" : " takes no value"),
                           "see mpi-podman --help");
        }
        po::option option(known->long_name(), {});
        if (typed.value) {
            option.value.push_back(*typed.value);
        }
        taken.options.push_back(option);
    }
    return at;
}

Action action_of(const po::variables_map& given) {
    for (const auto& [name, action] : {std::pair{"help", Action::help},
                                       {"version", Action::version},
                                       {"stop", Action::stop},
                                       {"check", Action::check},
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

constexpr const char* usage = "mpi-podman [options] IMAGE [COMMAND [ARG...]]";

}  // namespace

Result<Options> parse_options(const std::vector<std::string>& argv) {
    Options options;
    Choices choices;
    const auto table = option_table(options, choices);
    po::parsed_options taken(&table);
    const auto image = take_options(table, argv, taken);
    if (!image) {
        return failure(image.error());
    }
    po::variables_map given;
    try {
        po::store(taken, given);
        po::notify(given);
    } catch (const po::error& error) {
        return failure(Status::usage, error.what(), "see mpi-podman --help");
    }
    options.action = action_of(given);
    if (given.count("entrypoint") != 0) {
        options.entrypoint = given["entrypoint"].as<std::string>();
    }
    if (options.action == Action::help || options.action == Action::version) {
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

std::vector<TypedOption> typed_options(const std::vector<std::string>& argv) {
    Options options;
    Choices choices;
    const auto table = option_table(options, choices);
    po::parsed_options taken(&table);
    static_cast<void>(take_options(table, argv, taken));
    std::vector<TypedOption> typed;
    for (const auto& option : taken.options) {
        typed.push_back(
            {option.string_key, option.value.empty() ? std::nullopt : std::optional(option.value.front())});
    }
    return typed;
}

std::string help_text() {
    Options options;
    Choices choices;
    std::ostringstream text;
    text << "Usage: " << usage
         << "\n\nRuns one MPI rank in a rootless Podman container; mpirun, mpiexec or srun "
         << "starts one per slot:\n\n    mpirun --hostfile hf mpi-podman IMAGE ./ring\n\n"
         << option_table(options, choices)
         << "\nExit status: the rank's own; 125 where mpi-podman or podman failed, 126 where the command "
            "cannot be run,"
            "\n127 where it was not found, 2 for a wrong command line. Of --check: 0 where it can run, else "
            "1.\n";
    return text.str();
}

std::string version_number() { return MPI_PODMAN_VERSION; }
std::string version_text() { return "mpi-podman " MPI_PODMAN_VERSION "\n"; }

}  // namespace mpi_podman
