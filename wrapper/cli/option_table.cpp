#include "cli/option_table.hpp"

#include <algorithm>
#include <array>
#include <boost/program_options/value_semantic.hpp>
#include <cctype>

namespace mpi_podman {
namespace {

namespace po = boost::program_options;

constexpr bool typed_only = false;

constexpr std::array rows{
    OptionRow{"volume", 'v', &Options::volumes, "SRC:DST[:OPT]", "mount a host path or volume, as in podman"},
    OptionRow{"env", 'e', &Options::environment, "NAME[=VALUE]", "set, or pass on, a variable of the rank"},
    OptionRow{"unsetenv", '\0', &Options::unset, "NAME",
              "keep a variable from the rank, the image's own too"},
    OptionRow{"env-host", '\0', &Choices::env_host, "WHICH",
              "which of your variables the rank gets: filtered (all but those that name places on the host), "
              "launcher (only the launcher's), all (podman's --env-host)",
              true, "all"},
    OptionRow{"workdir", 'w', &Options::workdir, "DIR", "working directory in the container"},
    OptionRow{"no-cwd", '\0', &Options::no_cwd, "", "do not mount the current directory"},
    OptionRow{"device", '\0', &Options::devices, "DEVICE", "add a host device"},
    OptionRow{
        "gpus", '\0', &Choices::gpus, "WHICH",
        "the GPUs that CDI specifications of the node name: auto: all, if there are any; none, all, or how "
        "many"},
    OptionRow{
        "fabric", '\0', &Choices::fabric, "WHICH",
        "the node's InfiniBand, Slingshot, Omni-Path, xpmem and knem devices: auto: those it has; none"},
    OptionRow{"ulimit", '\0', &Options::ulimits, "NAME=SOFT[:HARD]", "set a limit (default: as outside)"},
    OptionRow{"security-opt", '\0', &Options::security, "OPT", "a security option of podman's"},
    OptionRow{"entrypoint", '\0', &Options::entrypoint, "COMMAND", "replace the image's ENTRYPOINT"},
    OptionRow{"pull", '\0', &Choices::pull, "POLICY", "missing, always, never, newer; once per node"},
    OptionRow{"podman", '\0', &Options::podman, "PATH", "the podman to use; a name is looked for in PATH"},
    OptionRow{"podman-arg", '\0', &Options::podman_arguments, "ARG",
              "one more argument for podman run; repeatable"},
    OptionRow{"per-rank", '\0', &Options::per_rank, "",
              "a container for each rank, instead of one that the ranks of a node share"},
    OptionRow{"pid", '\0', &Choices::pid, "MODE",
              "the container's pid linux namespace: private, host, or auto: host with --per-rank"},
    OptionRow{"linger", '\0', &Choices::linger, "SECONDS",
              "keep the node's container so long for your next job with the same image and options"},
    OptionRow{"pmi", '\0', &Choices::pmi, "MODE",
              "what the image's MPI speaks, if not what it is found to (auto): pmi1, pmi2, pmix; none: each "
              "rank is a program of its own, not one job"},
    OptionRow{"mpi", '\0', &Choices::mpi, "WHOSE",
              "the MPI to run with: image, or host: bound into it; host:NAME: one that is configured"},
    OptionRow{"mpi-prefix", '\0', &Options::mpi_prefix, "DIR",
              "with --mpi=host: where that is installed, if the host's loader does not find it"},
    OptionRow{"abi", '\0', &Choices::abi, "CHECK",
              "with --mpi=host: how near its version must be to the image's: major, full, strict; none: "
              "refuse nothing"},
    OptionRow{"log-level", '\0', &Options::log_level, "LEVEL",
              "trace, debug, info, warn, error, critical, off"},
    OptionRow{"log-file", '\0', &Options::log_file, "FILE", "write the log there instead of to stderr"},
    OptionRow{"report", '\0', &Options::report, "FILE",
              "write when each rank did what, what it was given and why, to FILE.html or FILE.json"},
    OptionRow{"profile", '\0', &Options::profile, "NAME",
              "take the options that a configuration file has under [profile NAME]"},
    OptionRow{"dry-run", '\0', {}, "", "print the podman command, start nothing", typed_only},
    OptionRow{"check", '\0', &Choices::check, "AS",
              "say what will run here, with which MPI, and how; start nothing: text, json", typed_only,
              "text"},
    OptionRow{"launcher", '\0', &Options::launcher, "COMMAND",
              "with --check: the launcher to ask about, as 'srun --mpi=pmi2' (default: the one of PATH)",
              typed_only},
    OptionRow{"distribute", '\0', &Choices::distribute, "AS",
              "put IMAGE, pulled once, on all nodes of --hostfile: over ssh, and only what they lack",
              typed_only, "text"},
    OptionRow{"hostfile", '\0', &Options::hostfile, "FILE",
              "with --check or --distribute: the nodes to ask, over ssh", typed_only},
    OptionRow{"config", '\0', {}, "", "print every option's value, and where it comes from", typed_only},
    OptionRow{"stop", '\0', {}, "", "end your containers that linger on this node", typed_only},
    OptionRow{"version", '\0', {}, "", "print the version", typed_only},
    OptionRow{"help", '\0', {}, "", "print this help", typed_only},
};

/// Boost's word for a row: where its value goes, and what stands for it.
class Semantic {
public:
    Semantic(const OptionRow& row, Options& options, Choices& choices)
        : row_(row), options_(options), choices_(choices) {}

    const po::value_semantic* operator()(std::monostate /*action*/) const {
        return new po::untyped_value(true);  // NOLINT(cppcoreguidelines-owning-memory): Boost takes it
    }
    const po::value_semantic* operator()(std::vector<std::string> Options::*into) const {
        return po::value(&(options_.*into))->value_name(row_.placeholder)->composing();
    }
    const po::value_semantic* operator()(std::string Options::*into) const { return text(options_.*into); }
    const po::value_semantic* operator()(std::string Choices::*into) const { return text(choices_.*into); }
    const po::value_semantic* operator()(std::optional<std::string> Options::*into) const {
        auto& value = options_.*into;
        return po::value<std::string>()
            ->value_name(row_.placeholder)
            ->notifier([&value](const std::string& given) { value = given; });
    }
    const po::value_semantic* operator()(bool Options::*into) const {
        return po::bool_switch(&(options_.*into));
    }

private:
    [[nodiscard]] const po::value_semantic* text(std::string& into) const {
        auto* value = po::value(&into)->value_name(row_.placeholder);
        if (row_.left_out != nullptr) {
            value->implicit_value(row_.left_out);
        }
        return value;
    }
    const OptionRow& row_;
    Options& options_;
    Choices& choices_;
};

std::string help_of(const OptionRow& row) {
    const auto value = default_of(row);
    return row.help + (value.empty() || is_switch(row) || !row.configurable ? std::string{}
                                                                            : " (default: " + value + ")");
}

}  // namespace

std::span<const OptionRow> option_rows() { return rows; }

const OptionRow* option_row(const std::string& name) {
    const auto* found = std::ranges::find_if(rows, [&](const OptionRow& row) { return name == row.name; });
    return found == rows.end() ? nullptr : found;
}

const OptionRow* option_row(char letter) {
    const auto* found = std::ranges::find(rows, letter, &OptionRow::letter);
    return letter == '\0' || found == rows.end() ? nullptr : found;
}

bool is_repeatable(const OptionRow& row) {
    return std::holds_alternative<std::vector<std::string> Options::*>(row.into);
}

bool is_switch(const OptionRow& row) { return std::holds_alternative<bool Options::*>(row.into); }

bool takes_value(const OptionRow& row) { return row.placeholder[0] != '\0' || is_switch(row); }

bool needs_value(const OptionRow& row) { return row.placeholder[0] != '\0' && row.left_out == nullptr; }

std::string default_of(const OptionRow& row) {
    if (const auto* into = std::get_if<std::string Options::*>(&row.into)) {
        return Options{}.**into;
    }
    if (const auto* into = std::get_if<std::string Choices::*>(&row.into)) {
        return Choices{}.**into;
    }
    return is_switch(row) ? "no" : "";
}

std::string variable_of(const OptionRow& row) {
    std::string variable = "MPI_PODMAN_";
    for (const char c : std::string_view(row.name)) {
        variable += c == '-' ? '_' : static_cast<char>(std::toupper(static_cast<unsigned char>(c)));
    }
    return variable;
}

po::options_description boost_options(Options& options, Choices& choices) {
    po::options_description table("Options", 100, 60);
    for (const auto& row : rows) {
        const auto names = row.name + (row.letter != '\0' ? std::string{',', row.letter} : std::string{});
        const auto* semantic = std::visit(Semantic(row, options, choices), row.into);
        table.add_options()(names.c_str(), semantic, help_of(row).c_str());
    }
    return table;
}

}  // namespace mpi_podman
