#include "check/gather.hpp"

#include <algorithm>

#include "check/known_image.hpp"
#include "check/launchers.hpp"
#include "check/strategies.hpp"
#include "plan/plan.hpp"
#include "run/host_mpi.hpp"

namespace mpi_podman {
namespace {

/// All launchers here: the one asked about first.
Result<std::vector<HostLauncher>> launchers_for(const CheckQuestion& question, const std::string& cache) {
    const auto& context = question.context;
    if (!question.options.launcher.empty()) {
        return launcher_named(question.options.launcher, question.environment, cache)
            .map([](HostLauncher launcher) { return std::vector{std::move(launcher)}; });
    }
    auto all = launchers_on_host(question.environment, cache, std::min(question.host.cores, 2U));
    if (context.launcher == Launcher::none) {
        return all;
    }
    // Under one: its own words are not known, but mostly those of the same kind here.
    HostLauncher around{context.launcher, context.pmi, {}, {}, {}};
    const auto same = std::ranges::find(all, context.launcher, &HostLauncher::launcher);
    if (same != all.end()) {
        around.release = same->release;
        around.command = same->command;
        all.erase(same);
    }
    all.insert(all.begin(), std::move(around));
    return all;
}

/// What a rank would be given, and where it would be; the launcher around us may refuse it, which is a reason
/// and no end.
struct Decided {
    Plan plan;
    std::optional<Error> refusal;
};

Result<Decided> decide_for(const CheckQuestion& question, const ImageFacts& image) {
    auto options = question.options;
    options.mpi = MpiFrom::host;  // with its LD_LIBRARY_PATH, which leads nowhere where nothing is brought in
    const auto plan_with = [&](const Options& chosen) {
        return decide(chosen, question.context, question.environment, question.host, image);
    };
    auto plan = plan_with(options);
    if (plan) {
        return Decided{std::move(*plan), {}};
    }
    auto without = options;
    without.pmi = PmiChoice::none;
    return plan_with(without).map([&](Plan&& other) { return Decided{std::move(other), plan.error()}; });
}

/// What is looked at as the program: an ENTRYPOINT mostly sets things up and becomes COMMAND.
std::string program_to_judge(const Plan& plan, const HostMpiQuestion& look) {
    if (plan.command.empty() || plan.command.front() == plan.program) {
        return plan.program;
    }
    const auto facts = command_facts(seen_by_rank(look, {}), look.of_rank, plan.command.front());
    return facts.state == CommandState::runs ? plan.command.front() : plan.program;
}

CheckReport report_of(const CheckQuestion& question, const ImageFacts& image, const HostMpiInImage& found,
                      NodeDevices devices, std::vector<HostLauncher> launchers,
                      std::vector<StrategyReport> strategies) {
    CheckReport report;
    report.version = version_number();
    report.node = question.host.hostname;
    report.image = question.options.image;
    report.image_id = image.id;
    report.in_image = found.image;
    report.on_host = found.host;
    report.devices = std::move(devices);
    report.command = found.command;
    if (found.host_mpi) {
        report.host_mpi = found.host_mpi->mpi;
    }
    if (!launchers.empty()) {
        report.launcher = std::move(launchers.front());
        launchers.erase(launchers.begin());
    }
    report.other_launchers = std::move(launchers);
    report.recommended = recommend(strategies);
    report.strategies = std::move(strategies);
    return report;
}

Result<CheckReport> look_at(const CheckQuestion& question, ImageFacts image,
                            const std::vector<HostLauncher>& launchers) {
    const auto typed_program = program_of(question.options, image);
    image.workdir_has_program = image_has(image.layers, image.workdir + "/" + typed_program);
    const auto launcher = launchers.empty() ? HostLauncher{} : launchers.front();
    auto decided = decide_for(question, image);
    if (!decided) {
        return failure(decided.error());
    }
    auto context = question.context;
    context.pmi = launcher.pmi;
    auto look = host_mpi_question(decided->plan, question.options, image, context, question.environment,
                                  question.host);
    if (!look) {
        return failure(look.error());
    }
    look->closely = true;
    look->program = program_to_judge(decided->plan, *look);
    const auto found = look_for_host_mpi(*look);
    auto devices = devices_of_node(Rootfs::host());
    auto strategies = judge_strategies({question.options, question.typed, launcher, image.mpi, found, devices,
                                        question.host.locked_memory, std::move(decided->refusal)});
    return report_of(question, image, found, std::move(devices), launchers, std::move(strategies));
}

}  // namespace

Result<CheckReport> gather(const CheckQuestion& question) {
    const auto cache = facts_cache(question.environment, question.host.hostname);
    return known_image(question.options, question.environment, cache).and_then([&](ImageFacts image) {
        return launchers_for(question, cache).and_then([&](const std::vector<HostLauncher>& launchers) {
            return look_at(question, std::move(image), launchers);
        });
    });
}

}  // namespace mpi_podman
