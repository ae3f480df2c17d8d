#include "run/run_paths.hpp"

#include <unistd.h>

#include <algorithm>
#include <cstdlib>
#include <filesystem>

#include "inspect/command.hpp"
#include "inspect/podman_runtime.hpp"
#include "run/conmon.hpp"
#include "run/stays.hpp"
#include "sys/fd.hpp"

namespace mpi_podman {
namespace {

using namespace std::chrono_literals;

/// Rootless podman's: what it is told, or else where it puts it by itself.
std::string runtime_directory() {
    if (const char* told = std::getenv("XDG_RUNTIME_DIR"); told != nullptr && *told != '\0') {
        return told;
    }
    return podman_runtime_directory(::geteuid()).value_or("");
}

}  // namespace

std::string id_file_in(const std::string& directory, const std::string& container) {
    return directory + "/" + container + ".id";
}

std::string id_told(const std::string& id_file) {
    auto id = read_file(id_file).value_or("");
    id.erase(id.find_last_not_of('\n') + 1);
    return is_id(id) ? id : "";
}

std::vector<std::string> run_paths_told(const std::string& id_file) {
    const auto id = id_told(id_file);
    if (id.empty()) {
        return {};
    }
    if (::geteuid() == 0) {
        return {"/run/containers/storage/overlay-containers/" + id, "/run/crun/" + id,
                "/run/libpod/exits/" + id};
    }
    const auto run = runtime_directory();
    if (run.empty()) {
        return {};
    }
    return {run + "/containers/overlay-containers/" + id, run + "/crun/" + id,
            run + "/libpod/tmp/exits/" + id};
}

void remove_run_paths(const std::string& podman, std::vector<std::string> paths) {
    std::ranges::sort(paths);
    paths.erase(std::unique(paths.begin(), paths.end()), paths.end());  // clang 14 cannot take ranges::unique
    const auto is_there = [](const auto& path) { return ::access(path.c_str(), F_OK) == 0; };
    static_cast<void>(stays([&] { return std::ranges::any_of(paths, is_there); }, 2s));
    std::vector<std::string> by_podman{podman, "unshare", "rm", "-rf", "--"};
    const auto words = by_podman.size();
    for (const auto& path : paths) {
        std::error_code error;
        std::filesystem::remove_all(path, error);
        if (error == std::errc::permission_denied) {
            by_podman.push_back(path);
        }
    }
    if (by_podman.size() > words && ::geteuid() != 0) {
        static_cast<void>(ask(by_podman, 30s));
    }
}

}  // namespace mpi_podman
