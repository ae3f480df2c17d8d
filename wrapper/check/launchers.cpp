#include "check/launchers.hpp"

#include <unistd.h>

#include <algorithm>
#include <array>
#include <chrono>
#include <filesystem>
#include <sstream>

#include "abi/kept_file.hpp"
#include "inspect/command.hpp"

namespace mpi_podman {
namespace {

using namespace std::chrono_literals;
constexpr auto quick_answer = 10s;

/// What each says of itself first: Open MPI 4.1.4 and 5.0.7, PRRTE 3.0.8, MPICH 4.0.2, Intel MPI 2021, Slurm
/// 22.05 and 24.11 were seen.
struct Saying {
    std::string_view words;
    Launcher launcher;
    Pmi pmi;
};
constexpr std::array sayings{Saying{"(Open MPI) ", Launcher::open_mpi_4, Pmi::pmix},
                             Saying{"(OpenRTE) ", Launcher::open_mpi_4, Pmi::pmix},  // called orterun, say
                             Saying{"(PRRTE) ", Launcher::prrte, Pmi::pmix},
                             Saying{"HYDRA build details", Launcher::hydra, Pmi::pmi1},
                             Saying{"Intel(R) MPI Library", Launcher::hydra, Pmi::pmi1},
                             Saying{"slurm ", Launcher::slurm, Pmi::none},
                             Saying{"slurm-wlm ", Launcher::slurm, Pmi::none}};

/// The first number with a point in it: "4.1.4".
std::string release_in(std::string_view text) {
    constexpr std::string_view digits = "0123456789";
    for (auto at = text.find_first_of(digits); at != std::string_view::npos;
         at = text.find_first_of(digits, at)) {
        const auto end = std::min(text.find_first_not_of("0123456789.", at), text.size());
        const auto number = text.substr(at, end - at);
        if (number.find('.') != std::string_view::npos && !number.ends_with('.')) {
            return std::string(number);
        }
        at = end;
    }
    return {};
}

/// What a program of this host says to one question, or said while its file was the same.
std::string said_by(const std::string& program, const std::string& question, const std::string& cache,
                    const std::vector<std::string>& also) {
    const auto host = Rootfs::host();
    std::error_code ignored;
    auto files = also;
    files.push_back(std::filesystem::absolute(program, ignored).string());
    const auto key = "said by " + files.back() + " " + question;
    if (auto kept = read_kept(cache, key, host)) {
        return std::move(*kept);
    }
    const auto answer = ask({program, question}, quick_answer);
    if (!answer || answer->status != 0) {
        return {};
    }
    keep(cache, key, states_of(host, files), answer->out + answer->err);
    return answer->out + answer->err;
}

/// Where Slurm's plugins are: which there are says what srun offers.
const std::vector<std::string>& plugin_directories_of_slurm() {
    static const std::vector<std::string> places{"/usr/lib/x86_64-linux-gnu/slurm-wlm",
                                                 "/usr/lib/aarch64-linux-gnu/slurm-wlm", "/usr/lib64/slurm",
                                                 "/usr/lib/slurm", "/usr/local/lib/slurm"};
    return places;
}

/// Without its configuration srun is a program and no launcher (slurm.conf(5); /run/slurm and conf-cache:
/// "configless"). To ask it would take the time that a name server takes. Slurm built by hand has it below
/// its prefix.
bool is_configured(const std::string& srun, const Environment& environment) {
    namespace fs = std::filesystem;
    std::error_code ignored;
    const auto etc = fs::canonical(srun, ignored).parent_path().parent_path() / "etc";
    const std::array<fs::path, 6> places{
        "/etc/slurm", "/etc/slurm-llnl", "/run/slurm/conf", "/var/spool/slurmd/conf-cache",
        etc,          etc / "slurm"};
    return lookup(environment, "SLURM_CONF") || lookup(environment, "SLURM_JOB_ID") ||
           std::ranges::any_of(
               places, [&](const fs::path& place) { return fs::exists(place / "slurm.conf", ignored); });
}

std::vector<std::string> split(const std::string& text) {
    std::istringstream in(text);
    std::vector<std::string> words;
    for (std::string word; in >> word;) {
        words.push_back(word);
    }
    return words;
}

/// --mpi=TYPE, or --mpi TYPE, among these words; else what the environment says.
std::string slurm_type_in(const std::vector<std::string>& words, const Environment& environment) {
    constexpr std::string_view option = "--mpi";
    for (std::size_t at = 0; at < words.size(); ++at) {
        if (words[at].starts_with("--mpi=")) {
            return words[at].substr(option.size() + 1);
        }
        if (words[at] == option && at + 1 < words.size()) {
            return words[at + 1];
        }
    }
    return std::string(lookup(environment, "SLURM_MPI_TYPE").value_or(""));
}

std::string best_slurm_type(const std::string& program, const std::string& cache) {
    const auto types = types_of_slurm(said_by(program, "--mpi=list", cache, plugin_directories_of_slurm()));
    return types.empty() ? "none" : types.front();
}

}  // namespace

std::string program_in_path(const Environment& environment, const std::string& name) {
    if (name.find('/') != std::string::npos) {
        return ::access(name.c_str(), X_OK) == 0 ? name : "";
    }
    std::istringstream path{std::string(lookup(environment, "PATH").value_or(""))};
    for (std::string directory; std::getline(path, directory, ':');) {
        auto candidate = (directory.empty() ? "." : directory) + "/" + name;
        std::error_code ignored;
        if (::access(candidate.c_str(), X_OK) == 0 && std::filesystem::is_regular_file(candidate, ignored)) {
            return candidate;
        }
    }
    return {};
}

std::optional<HostLauncher> launcher_by_words(std::string_view said) {
    for (const auto& [words, launcher, pmi] : sayings) {
        const auto at = said.find(words);
        if (at == std::string_view::npos) {
            continue;
        }
        HostLauncher found{launcher, pmi, {}, release_in(said.substr(at)), {}};
        const auto major = abi_version_from(found.release);
        constexpr unsigned first_with_prrte = 5;
        if (launcher == Launcher::open_mpi_4 && number_at(major, 0) >= first_with_prrte) {
            found.launcher = Launcher::prrte;
        }
        return found;
    }
    return std::nullopt;
}

Pmi pmi_of_slurm(std::string_view type) {
    if (type.starts_with("pmix")) {
        return Pmi::pmix;
    }
    return type == "pmi2" ? Pmi::pmi2 : Pmi::none;
}

std::vector<std::string> types_of_slurm(std::string_view said) {
    std::vector<std::string> types;
    for (const char* wanted : {"pmix", "pmi2"}) {
        for (const auto& word : split(std::string(said))) {
            if (word == wanted && std::ranges::find(types, wanted) == types.end()) {
                types.emplace_back(wanted);
            }
        }
    }
    return types;
}

std::vector<std::string> words_for(Launcher launcher, const std::string& program, unsigned ranks,
                                   const std::string& slurm_type) {
    const auto number = std::to_string(ranks);
    if (launcher == Launcher::slurm) {
        return {program, "-n", number, "--mpi=" + slurm_type};
    }
    return {program, "-np", number};
}

std::vector<HostLauncher> launchers_on_host(const Environment& environment, const std::string& facts_cache,
                                            unsigned ranks) {
    std::vector<HostLauncher> found;
    for (const std::string name : {"mpirun", "mpiexec", "mpiexec.hydra", "srun"}) {
        const auto path = program_in_path(environment, name);
        if (path.empty() || (name == "srun" && !is_configured(path, environment))) {
            continue;
        }
        auto launcher = launcher_by_words(said_by(path, "--version", facts_cache, {}));
        const auto same = [&](const HostLauncher& other) {
            return other.launcher == launcher->launcher && other.release == launcher->release;
        };
        if (!launcher || std::ranges::any_of(found, same)) {
            continue;
        }
        std::string type;
        if (launcher->launcher == Launcher::slurm) {
            type = best_slurm_type(path, facts_cache);
            launcher->pmi = pmi_of_slurm(type);
        }
        launcher->path = path;
        launcher->command = words_for(launcher->launcher, name, ranks, type);
        found.push_back(std::move(*launcher));
    }
    return found;
}

Result<HostLauncher> launcher_named(const std::string& words, const Environment& environment,
                                    const std::string& facts_cache) {
    auto command = split(words);
    const auto path = command.empty() ? "" : program_in_path(environment, command.front());
    if (path.empty()) {
        return failure(Status::ours, "--launcher: " + words + " is no program of this host",
                       "give its path, or a name that PATH leads to");
    }
    auto launcher = launcher_by_words(said_by(path, "--version", facts_cache, {}));
    if (!launcher && path.ends_with("/srun")) {
        launcher =
            HostLauncher{Launcher::slurm, Pmi::none, {}, {}, {}};  // without configuration it says nothing
    }
    if (!launcher) {
        return failure(Status::ours, "--launcher: " + path + " does not say that it is a launcher known here",
                       "name Open MPI's mpirun, MPICH's or Intel's mpiexec, or srun");
    }
    if (launcher->launcher == Launcher::slurm) {
        auto type = slurm_type_in(command, environment);
        if (type.empty()) {
            type = best_slurm_type(path, facts_cache);
            command.insert(command.begin() + 1, "--mpi=" + type);
        }
        launcher->pmi = pmi_of_slurm(type);
    }
    launcher->path = path;
    launcher->command = std::move(command);
    return std::move(*launcher);
}

}  // namespace mpi_podman
