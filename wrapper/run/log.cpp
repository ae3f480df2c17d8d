#include "run/log.hpp"

#include <spdlog/pattern_formatter.h>
#include <spdlog/sinks/basic_file_sink.h>
#include <spdlog/sinks/stdout_sinks.h>
#include <spdlog/spdlog.h>

#include <memory>

#include "sys/printable.hpp"

namespace mpi_podman {
namespace {

/// What is logged, of any origin: where it has several lines, none looks like one of the log.
class Printable : public spdlog::custom_flag_formatter {
public:
    void format(const spdlog::details::log_msg& message, const std::tm& /*time*/,
                spdlog::memory_buf_t& line) override {
        for (const char c : printable({message.payload.data(), message.payload.size()})) {
            line.push_back(c);
            if (c == '\n') {
                line.push_back('\t');
            }
        }
    }
    [[nodiscard]] std::unique_ptr<spdlog::custom_flag_formatter> clone() const override {
        return std::make_unique<Printable>();
    }
};

std::unique_ptr<spdlog::formatter> lines_tagged_with(const std::string& tag) {
    auto lines = std::make_unique<spdlog::pattern_formatter>();
    lines->add_flag<Printable>('*').set_pattern("%H:%M:%S.%f [" + tag + "] %l: %*");
    return lines;
}

}  // namespace

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
    spdlog::set_formatter(lines_tagged_with(hostname + " rank " + rank));
    spdlog::set_level(level);
    spdlog::flush_on(level);
    return {};
}

}  // namespace mpi_podman
