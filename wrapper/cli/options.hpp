/// The command line as a value.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "abi/abi_check.hpp"
#include "cli/configured.hpp"
#include "sys/result.hpp"

namespace mpi_podman {

enum class Action : std::uint8_t { run, dry_run, check, distribute, config, stop, help, version };
/// How --check answers: for a person, for a script, or as one node does that is asked by another
/// (--hostfile).
enum class CheckAs : std::uint8_t { text, json, node };
/// What --distribute is to do: all of it, or a node's part in it (distribute/words.hpp).
enum class DistributeAs : std::uint8_t { text, node, send, receive, finish };
/// Which of the user's variables reach the rank: podman's own --env-host, the launcher's only, or the rules.
enum class EnvHost : std::uint8_t { all, launcher, filtered };
enum class Pull : std::uint8_t { missing, always, never, newer };
enum class PidMode : std::uint8_t { host, private_ };
/// What the rank speaks: found from the image, or named; none: it is meant to stay a program of its own.
enum class PmiChoice : std::uint8_t { automatic, none, pmi1, pmi2, pmix };

/// The GPUs that the ranks of a node see: all that there are, or none, or so many, or all and at least one.
enum class GpuChoice : std::uint8_t { automatic, none, all, some };
struct GpusAsked {
    GpuChoice which = GpuChoice::automatic;
    std::uint32_t count = 0;  ///< of GpuChoice::some
    bool operator==(const GpusAsked&) const = default;
};

/// Whose MPI the ranks use.
enum class MpiFrom : std::uint8_t { image, host };

struct Options {
    Action action = Action::run;
    CheckAs check_as = CheckAs::text;
    DistributeAs distribute_as = DistributeAs::text;
    std::string launcher;  ///< words: the one that --check is asked about; empty: the one there is
    std::string hostfile;  ///< of the nodes for --check and --distribute; empty: this one
    std::string image;
    std::vector<std::string> command;  ///< everything after IMAGE, untouched
    std::vector<std::string> volumes, environment, unset, devices, ulimits, security, podman_arguments;
    GpusAsked gpus;
    bool fabric = true;  ///< the devices of interconnects
    EnvHost env_host = EnvHost::filtered;
    std::string workdir;  ///< empty: the rule decides
    bool no_cwd = false;
    std::optional<std::string> entrypoint;  ///< given but empty means: ignore the image's
    Pull pull = Pull::missing;
    std::string podman = "podman";
    bool per_rank = false;
    std::optional<PidMode> pid;  ///< nothing: private in a node container, host in a rank's own
    std::uint32_t linger =
        0;  ///< seconds that the node's container waits for the next job; 0: it ends with its job
    PmiChoice pmi = PmiChoice::automatic;
    MpiFrom mpi = MpiFrom::image;
    std::string mpi_name;    ///< of --mpi=host:NAME; empty: the site's default, if it has one
    std::string mpi_prefix;  ///< of the host's MPI; empty: where the host's loader finds one
    AbiCheck abi = AbiCheck::major;
    std::string report;             ///< file; empty: none
    std::string profile;            ///< of the configuration files; empty: none
    std::string log_level = "off";  ///< a level of spdlog's
    std::string log_file;           ///< empty: stderr
    bool operator==(const Options&) const = default;
};

/// Reads `argv` (without the program's name) up to IMAGE; what follows IMAGE belongs to the rank. What is
/// typed goes before what is configured. Errors are Status::usage.
Result<Options> parse_options(const std::vector<std::string>& argv, const Configured& configured = {});

/// What parse_options() has read of `argv`, in its order: for a command line that repeats it.
std::vector<Setting> typed_options(const std::vector<std::string>& argv);
/// One of them as one word: --name=value.
std::string word_of(const Setting& option);

/// The text of --help.
std::string help_text();
std::string version_number();
/// The line of --version.
std::string version_text();
/// The word podman knows a policy by.
std::string to_string(Pull pull);
/// As typed: auto, none, all, or the number.
std::string to_string(const GpusAsked& gpus);

}  // namespace mpi_podman
