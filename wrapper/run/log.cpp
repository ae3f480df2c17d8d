#include "run/log.hpp"

#include <spdlog/sinks/basic_file_sink.h>
#include <spdlog/sinks/stdout_sinks.h>
#include <spdlog/spdlog.h>

namespace mpi_podman {

Result<void> start_log(const Options& options, const LauncherContext& context, const std::string& hostname) {
    const auto level = spdlog::level::from_str(options.log_level == "warn" ? "warning" : options.log_level);
    if (level == spdlog::level::off) {
        spdlog::set_level(level);
        return {};
    }
    try {
        const auto logger = options.log_file.empty()
                                ? spdlog::stderr_logger_st("mpi-podman")
                                : spdlog::basic_logger_st("mpi-podman", options.log_file);
        spdlog::set_default_logger(logger);
    } catch (const spdlog::spdlog_ex& error) {
        return failure(Status::ours, std::string("cannot write the log: ") + error.what(),
                       "check --log-file");
    }
    const auto rank = context.rank ? std::to_string(*context.rank) : "-";
    spdlog::set_pattern("%H:%M:%S.%f [" + hostname + " rank " + rank + "] %l: %v");
    spdlog::set_level(level);
    spdlog::flush_on(level);
    return {};
}

}  // namespace mpi_podman
