/// mpi-podman: capture, decide, run, report.

#include <sys/stat.h>
#include <unistd.h>

#include <array>
#include <csignal>
#include <cstdlib>
#include <exception>
#include <filesystem>
#include <new>
#include <optional>
#include <string_view>
#include <tuple>
#include <utility>

#include "check/check.hpp"
#include "cli/config_page.hpp"
#include "cli/named_mpi.hpp"
#include "distribute/distribute.hpp"
#include "inspect/podman_runtime.hpp"
#include "job.hpp"
#include "run/log.hpp"
#include "run/report.hpp"
#include "sys/printable.hpp"
#include "sys/process.hpp"

namespace mpi_podman {
namespace {

bool is_open_socket(int fd) {
    struct stat info {};
    return ::fstat(fd, &info) == 0 && S_ISSOCK(info.st_mode);
}
std::string host_name() {
    std::array<char, 256> name{};
    ::gethostname(name.data(), name.size() - 1);
    return name.data();
}

int check_image(const Captured& captured, const std::vector<std::string>& argv) {
    const auto status =
        check({captured.options, typed_options(argv), captured.context, captured.environment, captured.host});
    return status ? *status : report(status.error(), captured.hostname, nullptr);
}

int distribute_image(const Captured& captured, const std::vector<std::string>& argv) {
    const auto status = distribute({captured.options, typed_options(argv), captured.context, captured.host});
    return status ? *status : report(status.error(), captured.hostname, nullptr);
}

/// What goes into an option that nobody typed: files and variables of this node.
Result<Options> options_of(const std::vector<std::string>& argv, const Result<Configured>& configured) {
    if (configured) {
        return parse_options(argv, *configured).and_then([&](const Options& options) {
            return with_named_mpi(options, configured->mpis);
        });
    }
    // Help is for whoever has to correct them.
    const auto typed = parse_options(argv);
    const bool helps = typed && (typed->action == Action::help || typed->action == Action::version);
    return helps ? typed : failure(configured.error());
}

std::vector<std::string> names_in(const Environment& environment) {
    std::vector<std::string> names;
    for (const auto& [name, value] : environment) {
        names.push_back(name);
    }
    return names;
}

/// An error before the job's directory is needed for anything else: said once all the same.
int give_up_early(const Error& error, const Captured& captured) {
    const auto directory = join_job(captured);
    return give_up(error, captured, directory ? &*directory : nullptr);
}

/// Where the report will be, by a path that has no symbolic links but perhaps its last word.
std::string place_of_report(const std::string& path, const std::string& directory) {
    if (path.empty()) {
        return path;
    }
    const auto file = std::filesystem::path(directory) / path;
    std::error_code unknown;
    const auto real = std::filesystem::canonical(file.parent_path(), unknown);
    return unknown ? file.string() : (real / file.filename()).string();
}

/// A path by which those find podman too who leave the current directory: what cleans up behind a rank does,
/// so that no file system is kept busy.
std::string from_anywhere(const std::string& podman, const std::string& directory) {
    return podman.find('/') == std::string::npos ? podman
                                                 : (std::filesystem::path(directory) / podman).string();
}

/// Podman works for a tenth of a second and ends: a quarter of that is Go's collector, which begins at 4 MB.
/// What there is stays (GOGC, pkg.go.dev/runtime).
void spare_podman_collections() { ::setenv("GOGC", "400", 0); }

/// What podman itself stumbles over: a TMPDIR that this node does not have, where it would keep its runtime
/// state, and a current directory like /run, in which it takes containers/storage.conf for its own.
void prepare_for_podman(const Captured& captured) {
    const auto temporary = lookup(captured.environment, "TMPDIR");
    if (temporary && ::access(std::string(*temporary).c_str(), W_OK | X_OK) != 0) {
        ::unsetenv("TMPDIR");
    }
    tell_podman_its_runtime_directory(captured.host.uid);  // or podman starts twice
    spare_podman_collections();
    if (is_system_directory(captured.host.cwd)) {
        [[maybe_unused]] const int moved = ::chdir("/");
    }
}

/// The others look at nodes and images, also from within a launcher's shell or as a child of such a process:
/// its sockets may not have come with its variables.
bool is_of_a_job(Action action) { return action != Action::check && action != Action::distribute; }

int main_of(const std::vector<std::string>& argv, const char* const* environment, Captured& captured) {
    captured.seen.moments.pass(Moment::started);
    captured.hostname = host_name();
    captured.environment = environment_from(environment);
    auto context = launcher_context(captured.environment, is_open_socket);
    if (context) {
        captured.context = *context;
    } else {
        captured.context = outline_of_job(captured.environment);
    }
    const auto configured = read_configuration([&](const std::string& name) {
        const auto value = lookup(captured.environment, name);
        return value ? std::optional<std::string>(*value) : std::nullopt;
    });
    auto options = options_of(argv, configured);
    if (!options) {
        return give_up_early(options.error(), captured);
    }
    captured.options = *options;
    if (options->action == Action::help || options->action == Action::version) {
        write_all(STDOUT_FILENO, options->action == Action::help ? help_text() : version_text());
        return 0;
    }
    if (options->action == Action::config) {
        return write_all(STDOUT_FILENO,
                         printable(config_page(*configured, argv, names_in(captured.environment))))
                   ? 0
                   : static_cast<int>(Status::ours);
    }
    if (options->action == Action::stop) {
        return stop(captured);
    }
    if (!context) {
        if (is_of_a_job(options->action)) {
            return give_up_early(context.error(), captured);
        }
        captured.context = {};
    }
    if (const auto log = start_log(*options, captured.context, captured.hostname); !log) {
        return give_up_early(log.error(), captured);
    }
    auto host = host_facts(paths_to_ask(*options, captured.context));
    if (!host) {
        return give_up_early(host.error(), captured);
    }
    captured.host = std::move(*host);
    captured.host.launcher = captured.launcher;
    raise_limit_of_files();  // for this process and podman; the rank gets what the host's facts hold
    captured.seen.closely = !captured.options.report.empty();
    captured.options.report = place_of_report(captured.options.report, captured.host.cwd);
    captured.options.podman = from_anywhere(captured.options.podman, captured.host.cwd);
    prepare_for_podman(captured);
    if (options->action == Action::check) {
        return check_image(captured, argv);
    }
    if (options->action == Action::distribute) {
        return distribute_image(captured, argv);
    }
    return options->action == Action::dry_run ? print_plan(captured) : run_job(captured);
}

/// What was begun has been undone by now.
int give_up_midway(const Error& error, const std::optional<Captured>& captured) {
    return captured ? give_up(error, *captured, nullptr) : report(error, host_name(), nullptr);
}

int say_without_memory() {
    constexpr std::string_view line =
        "mpi-podman: cannot go on: out of memory; what limits it (ulimit -v)?\n";
    [[maybe_unused]] const ssize_t put = ::write(STDERR_FILENO, line.data(), line.size());
    return static_cast<int>(Status::ours);
}

/// A destructor that finds no memory cannot throw: nlohmann-json's takes some for what lies deep. Guard and
/// janitor see to the rest, as where this process is killed.
[[noreturn]] void end_at_once() {
    try {
        if (const auto thrown = std::current_exception()) {
            std::rethrow_exception(thrown);
        }
    } catch (const std::bad_alloc&) {
        ::_exit(say_without_memory());
    } catch (...) {  // a mistake of ours: its core tells more
    }
    std::abort();
}

/// What there was has been given back by now, and so is what was captured, but what the launcher is asked by.
int give_up_without_memory(std::optional<Captured>& captured) {
    try {
        if (captured) {
            auto [environment, context, hostname] =
                std::tuple(std::move(captured->environment), std::move(captured->context),
                           std::move(captured->hostname));
            captured.reset();
            captured.emplace();
            captured->environment = std::move(environment);
            captured->context = std::move(context);
            captured->hostname = std::move(hostname);
        }
        return give_up_midway({Status::ours, "cannot go on: out of memory", "what limits it (ulimit -v)?"},
                              captured);
    } catch (const std::bad_alloc&) {
        return say_without_memory();
    }
}

/// All that was to be given back has been: what is left, memory, goes with the process. To give it back piece
/// by piece costs a rank a fiftieth of its start. LeakSanitizer looks through it in exit(3).
[[noreturn]] void end_with(int status) {
#ifdef __SANITIZE_ADDRESS__
    std::exit(status);  // NOLINT(concurrency-mt-unsafe): one thread
#else
    ::_exit(status);
#endif
}

}  // namespace
}  // namespace mpi_podman

int main(int argc, char** argv) {
    mpi_podman::fill_closed_streams();
    mpi_podman::note_words({argv, argv + argc});
    // Ignored, as a launcher may leave it, it takes the status from waitpid(2).
    static_cast<void>(::signal(SIGCHLD, SIG_DFL));
    std::set_terminate(mpi_podman::end_at_once);
    std::optional<mpi_podman::Captured> captured;
    try {
        mpi_podman::end_with(mpi_podman::main_of({argv + 1, argv + argc}, environ, captured.emplace()));
    } catch (const std::bad_alloc&) {
        return mpi_podman::give_up_without_memory(captured);
    } catch (const std::exception& error) {
        // newlocale(3) finds no memory, and libstdc++ says that the name is not valid.
        if (std::string_view(error.what()).starts_with("locale::facet::_S_create_c_locale")) {
            return mpi_podman::give_up_without_memory(captured);
        }
        return mpi_podman::give_up_midway(
            {mpi_podman::Status::ours, std::string("cannot go on: ") + error.what(),
             "this is a mistake of mpi-podman's: report it"},
            captured);
    }
}
