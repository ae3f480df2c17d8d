/// mpi-podman: capture, decide, run, report.

#include <spdlog/spdlog.h>
#include <sys/stat.h>
#include <unistd.h>

#include <csignal>
#include <cstdio>

#include "check/check.hpp"
#include "cli/config_page.hpp"
#include "cli/named_mpi.hpp"
#include "distribute/distribute.hpp"
#include "inspect/devices.hpp"
#include "inspect/node.hpp"
#include "plan/devices.hpp"
#include "podman/render.hpp"
#include "run/guard.hpp"
#include "run/host_mpi.hpp"
#include "run/job_report.hpp"
#include "run/lingering.hpp"
#include "run/log.hpp"
#include "run/node_rank.hpp"
#include "run/rank.hpp"
#include "run/report.hpp"

namespace mpi_podman {
namespace {

/// What is known before anything is looked at.
struct Captured {
    Environment environment;
    LauncherContext context;
    Options options;
    std::string hostname;
    pid_t launcher = starter();
    HostFacts host;
    Observation seen;          ///< of this rank
    std::optional<Plan> plan;  ///< the last that was made for it
};

bool is_open_socket(int fd) {
    struct stat info {};
    return ::fstat(fd, &info) == 0 && S_ISSOCK(info.st_mode);
}

std::string host_name() {
    std::array<char, 256> name{};
    ::gethostname(name.data(), name.size() - 1);
    return name.data();
}

Result<JobDirectory> join_job(const Captured& captured) {
    return JobDirectory::join(
        job_directory_bases(captured.context, captured.environment, ::geteuid(), captured.hostname),
        job_directory_name(captured.context), captured.context.local_size.value_or(0), captured.launcher);
}

/// What outlives a job is not below its session directory.
std::vector<std::string> bases_of_lingering(const Captured& captured) {
    return job_directory_bases({}, captured.environment, ::geteuid(), captured.hostname);
}

/// The image's facts, found out by the first rank of the job on this node.
Result<ImageFacts> image_of_job(const Options& options, const JobDirectory& directory) {
    // Two images of one job are two questions.
    const auto name =
        "image-" + std::to_string(std::hash<std::string>{}(options.image + '\n' + options.podman));
    return directory.once(name, [&] { return to_json(prepare_image(options)); })
        .and_then([](const std::string& text) { return from_json(text); });
}

/// The host with its devices, which only who starts a container looks for.
HostFacts host_with_devices(const HostFacts& host) {
    auto seeing = host;
    seeing.devices = devices_of_node(Rootfs::host());
    for (const auto& problem : seeing.devices->unread) {
        spdlog::warn("GPUs: {}", problem);
    }
    return seeing;
}

/// All that is decided of a container, by who starts it.
Result<Plan> make_plan(const Captured& captured, ImageFacts image) {
    const auto program = program_of(captured.options, image);
    image.workdir_has_program = image_has(image.layers, image.workdir + "/" + program);
    image.lacks_tmp = !image.layers.empty() && !image_has(image.layers, "/tmp");
    auto host = host_with_devices(captured.host);
    auto plan = decide(captured.options, captured.context, captured.environment, host, image);
    if (!plan || captured.options.mpi == MpiFrom::image) {
        return plan;
    }
    return host_mpi_for(*plan, captured.options, image, captured.context, captured.environment, host)
        .and_then([&](const HostMpiInImage& found) {
            image.mpi = found.mpi;
            host.mpi_mounts = found.mounts;
            return decide(captured.options, captured.context, captured.environment, host, image);
        });
}

int print_plan(Captured captured) {
    // The command that does for one rank what its node's container does for all.
    captured.options.per_rank = true;
    captured.options.linger = 0;
    const auto plan = look_at_image(captured.options).and_then([&](const ImageFacts& image) {
        return make_plan(captured, image);
    });
    if (!plan) {
        return report(plan.error(), captured.hostname, nullptr);
    }
    const auto text = render_shell(*plan);
    return write_all(STDOUT_FILENO, text) ? 0 : static_cast<int>(Status::ours);
}

void keep_for_report(Captured& captured, const Result<Plan>& plan) {
    if (!captured.options.report.empty() && plan) {
        captured.plan = *plan;
    }
}

/// A signal that comes before the rank does ends this process by its default; podman pull goes with it, and
/// the guard does the rest.
Result<Ending> run_in_container_of_its_own(Captured& captured, const JobDirectory& directory) {
    auto guard = Guard::post(captured.options.podman, container_name(captured.hostname, ::getpid()));
    if (!guard) {
        return failure(guard.error());
    }
    const auto plan = image_of_job(captured.options, directory).and_then([&](const ImageFacts& image) {
        return make_plan(captured, image);
    });
    keep_for_report(captured, plan);
    auto ending = plan ? run_rank(*plan, directory, *guard, captured.seen.moments) : failure(plan.error());
    guard->dismiss();
    return ending;
}

/// The container's plan needs no facts of the image; the rank's is made when the container shows them.
Result<Ending> run_in_container_of_node(Captured& captured, const JobDirectory& directory) {
    const auto plan_with = [&](const ImageFacts& image) {
        return decide(captured.options, captured.context, captured.environment, captured.host, image);
    };
    return plan_with({}).and_then([&](const Plan& plan) {
        const auto for_rank = [&](const ImageFacts& image) {
            auto decided = plan_with(image);
            keep_for_report(captured, decided);
            return decided;
        };
        const Decisions decisions{for_rank,
                                  [&](const ImageFacts& image) { return make_plan(captured, image); }};
        return run_in_node(plan, decisions, captured.environment, directory, bases_of_lingering(captured),
                           captured.seen);
    });
}

/// Notes what is known of this rank by now, if --report asks for it.
void note_record(const Captured& captured, const JobDirectory& directory, const Result<Ending>* ending) {
    if (captured.options.report.empty()) {
        return;
    }
    auto plan = captured.plan.value_or(Plan{});
    plan.hostname = captured.hostname;
    plan.image = captured.options.image;
    plan.command = captured.options.command;
    plan.devices = devices_for(captured.options, devices_of_node(Rootfs::host())).value_or(plan.devices);
    auto record = record_of(plan, captured.options, captured.context, captured.environment);
    record.wrapper = ::getpid();
    record.moments = captured.seen.moments;
    record.usage = captured.seen.usage;
    if (ending != nullptr && *ending) {
        record.ending = **ending;
    } else if (ending != nullptr) {
        record.error = ending->error().message;
    }
    directory.note_record(captured.options.report, record);
}

/// Returns the exit status, or dies as the rank died.
int run_job(Captured& captured) {
    auto directory = join_job(captured);
    if (!directory) {
        return report(directory.error(), captured.hostname, nullptr);
    }
    if (const auto report_file = prepare_report(captured.options.report); !report_file) {
        return report(report_file.error(), captured.hostname, &*directory);
    }
    note_record(captured, *directory, nullptr);
    const auto ending = captured.options.per_rank ? run_in_container_of_its_own(captured, *directory)
                                                  : run_in_container_of_node(captured, *directory);
    const int status = ending ? ending->status : report(ending.error(), captured.hostname, &*directory);
    note_record(captured, *directory, &ending);
    directory->leave();
    if (ending && ending->signal != 0) {
        die_by(ending->signal);
    }
    return status;
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

int stop(const Captured& captured) {
    std::string said;
    for (const auto& base : bases_of_lingering(captured)) {
        said += stop_lingering(base);
    }
    return write_all(STDOUT_FILENO, said) ? 0 : static_cast<int>(Status::ours);
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
int report_early(const Error& error, const Captured& captured) {
    const auto directory = join_job(captured);
    return report(error, captured.hostname, directory ? &*directory : nullptr);
}

std::string absolute(const std::string& path, const std::string& directory) {
    return path.empty() || path.front() == '/' ? path : directory + "/" + path;
}

/// What podman itself stumbles over: a TMPDIR that this node does not have, where it would keep its runtime
/// state, and a current directory like /run, in which it takes containers/storage.conf for its own.
void prepare_for_podman(const Captured& captured) {
    const auto temporary = lookup(captured.environment, "TMPDIR");
    if (temporary && ::access(std::string(*temporary).c_str(), W_OK | X_OK) != 0) {
        ::unsetenv("TMPDIR");
    }
    if (is_system_directory(captured.host.cwd)) {
        [[maybe_unused]] const int moved = ::chdir("/");
    }
}

int main_of(const std::vector<std::string>& argv, const char* const* environment) {
    Captured captured;
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
        return report_early(options.error(), captured);
    }
    captured.options = *options;
    if (options->action == Action::help || options->action == Action::version) {
        write_all(STDOUT_FILENO, options->action == Action::help ? help_text() : version_text());
        return 0;
    }
    if (options->action == Action::config) {
        return write_all(STDOUT_FILENO, config_page(*configured, argv, names_in(captured.environment)))
                   ? 0
                   : static_cast<int>(Status::ours);
    }
    if (options->action == Action::stop) {
        return stop(captured);
    }
    if (!context) {
        return report_early(context.error(), captured);
    }
    if (const auto log = start_log(*options, *context, captured.hostname); !log) {
        return report_early(log.error(), captured);
    }
    auto host = host_facts(paths_to_ask(*options, *context));
    if (!host) {
        return report_early(host.error(), captured);
    }
    captured.host = std::move(*host);
    captured.host.launcher = captured.launcher;
    raise_limit_of_files();  // for this process and podman; the rank gets what the host's facts hold
    captured.seen.closely = !captured.options.report.empty();
    captured.options.report = absolute(captured.options.report, captured.host.cwd);
    prepare_for_podman(captured);
    if (options->action == Action::check) {
        return check_image(captured, argv);
    }
    if (options->action == Action::distribute) {
        return distribute_image(captured, argv);
    }
    return options->action == Action::dry_run ? print_plan(captured) : run_job(captured);
}

}  // namespace
}  // namespace mpi_podman

int main(int argc, char** argv) {
    mpi_podman::fill_closed_streams();
    // Ignored, as a launcher may leave it, it takes the status from waitpid(2).
    static_cast<void>(::signal(SIGCHLD, SIG_DFL));
    return mpi_podman::main_of({argv + 1, argv + argc}, environ);
}
