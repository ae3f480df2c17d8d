#include "job.hpp"

#include <spdlog/spdlog.h>
#include <unistd.h>

#include "inspect/devices.hpp"
#include "inspect/node.hpp"
#include "plan/devices.hpp"
#include "podman/render.hpp"
#include "run/ask_to_end.hpp"
#include "run/bring_image.hpp"
#include "run/guard.hpp"
#include "run/host_mpi.hpp"
#include "run/job_report.hpp"
#include "run/lingering.hpp"
#include "run/node_rank.hpp"
#include "run/rank.hpp"
#include "run/report.hpp"
#include "run/signals.hpp"
#include "sys/printable.hpp"

namespace mpi_podman {
namespace {

/// What outlives a job is not below its session directory.
std::vector<std::string> bases_of_lingering(const Captured& captured) {
    return job_directory_bases({}, captured.environment, ::geteuid(), captured.hostname);
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
    const auto plan = bring_image(captured.options, directory).and_then([&](const ImageFacts& image) {
        return make_plan(captured, image);
    });
    keep_for_report(captured, plan);
    auto ending =
        plan ? run_rank(*plan, directory, bases_of_lingering(captured), *guard, captured.seen.moments)
             : failure(plan.error());
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

}  // namespace

Result<JobDirectory> join_job(const Captured& captured) {
    return JobDirectory::join(
        job_directory_bases(captured.context, captured.environment, ::geteuid(), captured.hostname),
        job_directory_name(captured.context), captured.context.local_size.value_or(0), captured.launcher);
}

int give_up(const Error& error, const Captured& captured, const JobDirectory* directory) {
    const int status = report(error, captured.hostname, directory);
    ask_launcher_to_end(captured.context, captured.environment, status);
    return status;
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

int run_job(Captured& captured) {
    auto directory = join_job(captured);
    if (!directory) {
        return give_up(directory.error(), captured, nullptr);
    }
    if (const auto report_file = prepare_report(captured.options.report); !report_file) {
        return give_up(report_file.error(), captured, &*directory);
    }
    note_record(captured, *directory, nullptr);
    const auto ending = captured.options.per_rank ? run_in_container_of_its_own(captured, *directory)
                                                  : run_in_container_of_node(captured, *directory);
    const int status = ending ? ending->status : report(ending.error(), captured.hostname, &*directory);
    note_record(captured, *directory, &ending);
    directory->leave();
    if (!ending) {
        ask_launcher_to_end(captured.context, captured.environment, status);
    }
    if (ending && ending->signal != 0) {
        die_by(ending->signal);
    }
    return status;
}

int stop(const Captured& captured) {
    std::string said;
    for (const auto& base : bases_of_lingering(captured)) {
        said += stop_lingering(base, captured.options.podman);
    }
    return write_all(STDOUT_FILENO, printable(said)) ? 0 : static_cast<int>(Status::ours);
}

}  // namespace mpi_podman
