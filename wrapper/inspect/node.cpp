#include "inspect/node.hpp"

#include <algorithm>
#include <array>
#include <charconv>
#include <chrono>
#include <cstring>
#include <nlohmann/json.hpp>

namespace mpi_podman {
namespace {

using nlohmann::json;
using namespace std::chrono_literals;

constexpr auto quick = 60s;  // a loaded node and a cold store
constexpr auto pulling = 3600s;
constexpr int least_major = 4;
constexpr int least_minor = 3;

Result<void> pull(const Options& options) {
    // Only `create` knows every policy in every podman since 4.3; what it creates never runs.
    const auto name = container_of_pull();
    auto answer = options.pull == Pull::newer
                      ? ask({options.podman, "create", "--pull=newer", "--quiet", "--name", name,
                             options.image, "true"},
                            pulling)
                      : ask({options.podman, "pull", "--quiet", options.image}, pulling);
    if (!answer) {
        return failure(answer.error());
    }
    if (answer->status != 0) {
        return failure(
            Status::ours,
            "image " + options.image + (options.pull == Pull::missing ? " is not here and" : "") +
                " cannot be pulled: " + podmans_error(*answer),
            "check the name (podman images), build it, or pull it by hand: podman pull " + options.image);
    }
    if (options.pull == Pull::newer) {
        return ask({options.podman, "rm", "--force", name}, quick).map([](const Answer&) {});
    }
    return {};
}

/// The image's facts; an empty id where it is not in the local store.
Result<ImageFacts> inspect(const Options& options) {
    auto answer = ask({options.podman, "image", "inspect", options.image}, quick);
    if (!answer) {
        return failure(answer.error());
    }
    if (answer->status != 0) {
        const auto why = podmans_error(*answer);
        const bool unknown =
            why.find("no such image") != std::string::npos || why.find("not known") != std::string::npos;
        return unknown ? Result<ImageFacts>(ImageFacts{})
                       : failure(Status::ours, "podman cannot look at image " + options.image + ": " + why,
                                 "run by hand: podman image inspect " + options.image);
    }
    return image_facts_from(answer->out).map([](ImageFacts facts) {
        facts.mpi = image_mpi(facts.layers, facts.environment);
        return facts;
    });
}

/// The same facts, or why an image that ought to be here by now is not.
Result<ImageFacts> require_present(const Options& options, const ImageFacts& facts) {
    if (facts.id.empty()) {
        return failure(Status::ours,
                       "image " + options.image + " is not on this node, and --pull=" +
                           to_string(options.pull) + " did not bring it",
                       "check the name (podman images), or pull it: podman pull " + options.image);
    }
    return facts;
}

/// Whatever another rank wrote: a failure stays one.
Status failed_with(int status) {
    constexpr std::array all{Status::usage, Status::ours, Status::not_runnable, Status::not_found};
    const auto* found = std::ranges::find(all, static_cast<Status>(status));
    return found == all.end() ? Status::ours : *found;
}

/// Pulls by the policy, then looks again.
Result<ImageFacts> inspect_pulled(const Options& options) {
    return pull(options).and_then([&] { return inspect(options); }).and_then([&](const ImageFacts& facts) {
        return require_present(options, facts);
    });
}

}  // namespace

std::string podmans_error(const Answer& answer) {
    constexpr std::string_view prefix = "Error: ";
    constexpr int by_signal = 128;
    const auto line = last_line(answer.err);
    if (line.empty()) {
        return answer.status > by_signal
                   ? std::string("it was ended by ") +
                         ::strsignal(answer.status - by_signal)  // NOLINT: one thread
                   : "it said nothing and ended with status " + std::to_string(answer.status);
    }
    return line.starts_with(prefix) ? line.substr(prefix.size()) : line;
}

Result<void> check_podman(const std::string& podman) {
    return ask({podman, "--version"}, quick).and_then([&](const Answer& answer) -> Result<void> {
        if (answer.status != 0) {
            return failure(Status::ours, podman + " --version failed: " + podmans_error(answer),
                           "install podman 4.3 or newer, or give --podman PATH");
        }
        return check_podman_version(answer.out);
    });
}

Result<void> check_podman_version(std::string_view printed) {
    // "podman version 4.3.1"
    const auto digits = printed.find_first_of("0123456789");
    const auto version = digits == std::string_view::npos ? std::string_view{} : printed.substr(digits);
    int major = 0;
    int minor = 0;
    const char* end = version.data() + version.size();
    const auto read = std::from_chars(version.data(), end, major);
    if (read.ptr != end && *read.ptr == '.') {
        std::from_chars(read.ptr + 1, end, minor);
    }
    if (major > least_major || (major == least_major && minor >= least_minor)) {
        return {};
    }
    return failure(Status::ours, "this podman is too old or unreadable: '" + last_line(printed) + "'",
                   "install podman 4.3 or newer, or give --podman PATH");
}

Result<ImageFacts> look_at_image(const Options& options) {
    return check_podman(options.podman).and_then([&] { return inspect(options); });
}

std::string container_of_pull() { return "mpi-podman-pull-" + std::to_string(::getpid()); }

Result<ImageFacts> prepare_image(const Options& options) {
    return check_podman(options.podman).and_then([&]() -> Result<ImageFacts> {
        if (options.pull == Pull::always || options.pull == Pull::newer) {
            return inspect_pulled(options);
        }
        return inspect(options).and_then([&](const ImageFacts& facts) {
            const bool fetch = facts.id.empty() && options.pull == Pull::missing;
            return fetch ? inspect_pulled(options) : require_present(options, facts);
        });
    });
}

std::string to_json(const Error& error) {
    return json{{"status", static_cast<int>(error.status)}, {"message", error.message}, {"hint", error.hint}}
        .dump(-1, ' ', false, json::error_handler_t::replace);
}

std::string to_json(const Result<ImageFacts>& facts) {
    if (!facts) {
        return to_json(facts.error());
    }
    return json{{"id", facts->id},
                {"entrypoint", facts->entrypoint},
                {"command", facts->command},
                {"environment", facts->environment},
                {"workdir", facts->workdir},
                {"layers", facts->layers},
                {"open_mpi", facts->mpi.open_mpi},
                {"open_mpi_file", facts->mpi.open_mpi_file},
                {"mpich", facts->mpi.mpich}}
        .dump(-1, ' ', false, json::error_handler_t::replace);
}

Result<ImageFacts> from_json(std::string_view text) {
    try {
        const auto read = json::parse(text);
        if (read.contains("message")) {
            return failure(failed_with(read.at("status")), read.at("message"), read.at("hint"));
        }
        return ImageFacts{read.at("id"),
                          read.at("entrypoint"),
                          read.at("command"),
                          read.at("environment"),
                          read.at("workdir"),
                          read.at("layers"),
                          {read.at("open_mpi"), read.at("mpich"), read.at("open_mpi_file")}};
    } catch (const json::exception& error) {
        return failure(
            Status::ours,
            std::string("what another rank found out about the image is unreadable: ") + error.what(),
            "is the file system of the session directory full?");
    }
}

Error error_from_json(std::string_view text) {
    const auto read = from_json(text);
    return read ? Error{Status::ours, "what another rank failed with is unreadable",
                        "is the file system of the session directory full?"}
                : read.error();
}

}  // namespace mpi_podman
