/// The whole environment of a process, NUL behind each variable: what is made of it for the rank.
#include <algorithm>
#include <array>
#include <climits>

#include "fuzz/told.hpp"
#include "fuzz/words.hpp"
#include "launcher/context.hpp"
#include "plan/rank_environment.hpp"
#include "sys/printable.hpp"
#include "sys/process.hpp"

namespace mpi_podman {
namespace {

using fuzz::require;

bool is_plain(const std::string& path) {
    return path.starts_with('/') && (path + "/").find("/../") == std::string::npos &&
           path.find("//") == std::string::npos;
}

/// Everybody's, which nobody's session directory is.
bool is_shared(const std::string& path) {
    constexpr std::array<std::string_view, 4> places{"/", "/tmp", "/run", "/home"};
    return std::ranges::find(places, path) != places.end();
}

void require_bounds(const LauncherContext& context) {
    require(!context.rank || !context.size || *context.rank < *context.size, "a rank is below the size");
    require(!context.local_rank || !context.local_size || *context.local_rank < *context.local_size,
            "a local rank is below the local size");
    require(!context.size || !context.local_size || *context.local_size <= *context.size,
            "a node has some of all");
    for (const auto& number : {context.rank, context.size, context.local_rank, context.local_size}) {
        require(number.value_or(0) <= INT_MAX, "numbers are what MPI can count");
    }
    require(context.endpoint.fd.value_or(0) >= 0, "an fd is one");
    require(context.launcher != Launcher::slurm ||
                context.job.find_first_not_of("0123456789.", std::string_view("slurm-").size()) ==
                    std::string::npos,
            "Slurm's jobs have numbers");
}

void require_mountable(const LauncherContext& context) {
    require(std::ranges::is_sorted(context.session_paths), "paths are sorted");
    for (const auto& path : context.session_paths) {
        require(is_plain(path) && !is_shared(path),
                "a session path means what it says, and is not everybody's");
        require(std::ranges::none_of(context.session_paths,
                                     [&](const auto& other) { return path.starts_with(other + "/"); }),
                "none is below another");
    }
    const auto& directory = context.session_directory;
    require(directory.empty() || (is_plain(directory) && !is_shared(directory)),
            "the job's directory is its own");
}

void require_rules(const LauncherContext& context, const Environment& environment) {
    for (const auto choice : {EnvHost::filtered, EnvHost::launcher}) {
        Options options;
        options.env_host = choice;
        const auto rank = rank_environment(options, context.pmi, Bridge::none, environment, {"/home/me"});
        require(std::ranges::is_sorted(rank.inherited) && rank.set.empty() && rank.unset.empty(),
                "nothing is set that nobody asked for");
        const auto seen = seen_by_rank(rank, environment);
        for (const auto& [name, value] : seen) {
            require(lookup(environment, name) == value, "a variable passes as it is");
            require(!name.ends_with('*'), "no name is a pattern to podman");
            require(kind_of(name) != VariableKind::host_mpi, "the launcher's own MPI stays outside");
            require(choice == EnvHost::filtered || kind_of(name) == VariableKind::launcher,
                    "its kind passes");
            require(kind_of(name) != VariableKind::host_place || is_below(value, {"/home/me"}),
                    "a place passes where it is mounted");
        }
        const auto carried = check_podman_can_carry(rank, environment);
        fuzz::require_told(carried);
        const auto is_text = [](const auto& entry) { return is_utf8(entry.first) && is_utf8(entry.second); };
        require(carried.has_value() == std::ranges::all_of(seen, is_text),
                "what podman would change is refused");
    }
}

}  // namespace
}  // namespace mpi_podman

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* bytes, std::size_t size) {
    using namespace mpi_podman;
    const auto entries = fuzz::split(fuzz::text_of(bytes, size), '\0');
    const auto environment = environment_from(exec_pointers(entries).data());

    const auto context = launcher_context(environment, [](int fd) { return fd % 2 == 0; });
    if (context) {
        require_bounds(*context);
        require_mountable(*context);
        static_cast<void>(missing_for_rank(*context, environment));
    } else {
        fuzz::require_told(context.error());
        const auto text = context.error().message;
        fuzz::require(std::ranges::all_of(text, [](char c) { return c >= ' ' && c <= '~'; }),
                      "a message shows no byte of a value that is not printable");
        fuzz::require(outline_of_job(environment).launcher != Launcher::none,
                      "only a launcher's words are absurd");
    }
    require_rules(context.value_or(LauncherContext{}), environment);
    return 0;
}
