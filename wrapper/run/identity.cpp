#include "run/identity.hpp"

#include <sys/stat.h>

#include <array>
#include <cstdlib>
#include <filesystem>
#include <string_view>

namespace mpi_podman {
namespace {

namespace fs = std::filesystem;

/// The allocation; then what podman, containers/storage and containers/common look at to find their files.
constexpr std::array variables{"SLURM_JOB_ID",
                               "PBS_JOBID",
                               "LSB_JOBID",
                               "FLUX_JOB_ID",
                               "CONTAINERS_CONF",
                               "STORAGE_OPTS",
                               "STORAGE_DRIVER",
                               "CONTAINERS_STORAGE_CONF",
                               "XDG_CONFIG_HOME",
                               "XDG_DATA_HOME",
                               "XDG_RUNTIME_DIR",
                               "CONTAINERS_CONF_OVERRIDE",
                               "HOME",
                               "PATH",
                               "TMPDIR"};

/// Slurm gives TMPDIR to all tasks of a step but the first: /tmp, which podman takes where there is none.
std::string value_of(const char* name) {
    const char* value = std::getenv(name);
    const bool is_tmp = std::string_view(name) == "TMPDIR" && (value == nullptr || *value == '\0');
    return is_tmp ? "/tmp" : value != nullptr ? value : "";
}

/// Which file it is, and of when.
std::string mark_of(const std::string& path) {
    struct stat info {};
    if (::stat(path.c_str(), &info) != 0) {
        return "-";
    }
    return std::to_string(info.st_dev) + ':' + std::to_string(info.st_ino) + ':' +
           std::to_string(info.st_mtim.tv_sec) + '.' + std::to_string(info.st_mtim.tv_nsec);
}

}  // namespace

std::string identity(const std::string& agent) {
    std::error_code ignored;
    auto home = value_of("XDG_CONFIG_HOME");
    home = home.empty() ? value_of("HOME") + "/.config" : home;
    auto all = mark_of(agent) + '\n' + fs::current_path(ignored).string() + '\n' +
               fs::read_symlink("/proc/self/ns/mnt", ignored).string() + '\n';
    for (const char* name : variables) {
        all += value_of(name) + '\n';
    }
    for (const auto& directory : {home + "/containers", std::string("/etc/containers")}) {
        all += mark_of(directory + "/containers.conf") + mark_of(directory + "/storage.conf") +
               mark_of(directory + "/containers.conf.d");
    }
    return all;
}

}  // namespace mpi_podman
